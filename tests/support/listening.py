"""Queues on the buses for own events: what each account hears."""

import json
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from sandbox.stagegate.organization import ROOT, Organization

SCHEMA = json.loads((ROOT / "docs" / "event.schema.json").read_text())


@dataclass(frozen=True)
class Listener:
    """A queue of an account on its own bus."""

    organization: Organization
    profile: str

    @classmethod
    def on_the_bus_of(cls, organization: Organization, profile: str) -> "Listener":
        """Make the queue, and a rule of the account's own for all that Stagegate puts there."""
        account = organization.accounts[profile]
        bus = "stagegate-events" if profile == "governance" else "stagegate-member-events"
        arn = f"arn:aws:sqs:us-east-1:{account}:heard"
        admits = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [admits]})
        organization.admin("sqs", profile).create_queue(QueueName="heard", Attributes={"Policy": policy})
        events = organization.admin("events", profile)
        events.put_rule(Name="heard", EventBusName=bus, EventPattern=json.dumps({"source": ["stagegate"]}))
        events.put_targets(Rule="heard", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        return cls(organization, profile)

    def heard(self) -> list[dict[str, Any]]:
        """Return what has come since it was asked last, in order; each is by the schema."""
        sqs = self.organization.admin("sqs", self.profile)
        url = sqs.get_queue_url(QueueName="heard")["QueueUrl"]
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for each in messages:
                found.append(json.loads(each["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        for event in found:
            Draft202012Validator(SCHEMA).validate(event)
        return sorted(found, key=lambda event: (event["detail"]["subject"], event["detail"]["sequence"]))
