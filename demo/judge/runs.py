"""Runs that a person starts, and what is on record about a subject."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from demo.people import OWNER

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def start(organization: Organization, subject: str, **more: str) -> None:
    """Start a manual run; `more` goes into its input."""
    organization.client("stepfunctions", OWNER).start_execution(
        stateMachineArn=organization.outputs["GovernStateMachine"], input=json.dumps({"subject": subject, **more})
    )


def ledger(organization: Organization, subject: str) -> str:
    """Return everything on record about a subject, the same text for the same record."""
    found = [
        organization.admin("dynamodb", OWNER).query(
            TableName=organization.outputs["LedgerTable"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"{partition}#{subject}"}},
        )["Items"]
        for partition in ("SUBJECT", "VIEW")
    ]
    return json.dumps(found, sort_keys=True)
