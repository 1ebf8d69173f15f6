"""Records what a release leaves behind: `python -m tools.recorded tests/releases/0.2.0`.

Plays every story on the embedded organization, and keeps of each the moment at which most was open: the ledger, RAM's
shares, the documents and grants that Stagegate writes; and one example of each payload between state machines and
functions. A later release is held to them: it has to read what this one wrote.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from demo.prepare import Skipped
from demo.stories import STORIES
from demo.story import Stage
from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import ROOT, Organization

SETTINGS = ROOT / "layers" / "settings" / "governance.toml"
_PAYLOAD = "TaskScheduled"
_ANSWER = "TaskSucceeded"
_OURS = "stagegate"
_MODELS = 10


def main(arguments: list[str] | None = None) -> int:
    """Play, and write a folder of JSON files. Returns 1 if a step wasn't as expected: then nothing is written."""
    parser = argparse.ArgumentParser(prog="python -m tools.recorded", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write, called by the release")
    folder: Path = parser.parse_args(arguments).folder
    kept: dict[str, dict[str, Any]] = {}
    with Organization.start(SETTINGS, delays=Delays(cloudtrail=10.0)) as organization:
        for name, prepare in STORIES.items():
            prepared = prepare(organization, SETTINGS, judged=False)
            if isinstance(prepared, Skipped):
                continue
            for result in Stage(organization, prepared.observers).play(name, prepared.steps, lambda _: None):
                if not result.ok:
                    print(f"{name}: {result.step.action}: not as expected", file=sys.stderr)
                    return 1
                now = state(organization)
                if name not in kept or _open(now) >= _open(kept[name]):
                    kept[name] = now
        payloads = _payloads(organization)
    folder.mkdir(parents=True, exist_ok=True)
    for name, found in (*kept.items(), ("payloads", payloads)):
        text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False, default=str)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{folder}: {', '.join(kept)} and {len(payloads)} payloads")
    return 0


def state(organization: Organization) -> dict[str, Any]:
    """Return what stands in all accounts: `ledger` (items as DynamoDB has them), `shares`, and `documents` by ARN."""
    accounts = sorted(set(organization.accounts.values()))
    return {
        "ledger": _ledger(organization),
        "shares": _shares(organization),
        "documents": dict(
            [*(each for account in accounts for each in _documents(organization, account)), *_scps(organization)]
        ),
    }


def _open(found: Mapping[str, Any]) -> int:
    views = [item for item in found["ledger"] if item["sk"] == {"S": "VIEW"}]
    return sum(len(view.get("grants", {}).get("L", ())) for view in views)


def _ledger(organization: Organization) -> list[dict[str, Any]]:
    dynamodb = organization.admin("dynamodb", "governance")
    pages = dynamodb.get_paginator("scan").paginate(TableName=f"{_OURS}-ledger")
    items = sorted(
        (item for page in pages for item in page["Items"]), key=lambda item: (item["pk"]["S"], item["sk"]["S"])
    )
    # Of what is on record of the public hub a few models stand for a thousand.
    few = {id(item) for item in [item for item in items if item["pk"]["S"].startswith("PUBLIC#")][_MODELS:]}
    return [item for item in items if id(item) not in few]


def _shares(organization: Organization) -> list[dict[str, Any]]:
    ram = organization.admin("ram", "governance")
    found = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    for share in found:
        for kind in ("PRINCIPAL", "RESOURCE"):
            named = ram.get_resource_share_associations(
                associationType=kind, resourceShareArns=[share["resourceShareArn"]]
            )["resourceShareAssociations"]
            share[kind.lower()] = sorted((each["associatedEntity"], each["status"]) for each in named)
    return sorted(found, key=lambda share: str(share["name"]))


def _documents(organization: Organization, account: str) -> Iterable[tuple[str, Any]]:
    """Yield every policy that Stagegate writes into an account, and its grants on keys."""
    s3, kms, ecr = (organization.admin(service, account) for service in ("s3", "kms", "ecr"))
    for bucket in s3.list_buckets()["Buckets"]:
        try:
            yield f"arn:aws:s3:::{bucket['Name']}", json.loads(s3.get_bucket_policy(Bucket=bucket["Name"])["Policy"])
        except s3.exceptions.ClientError:
            continue
    for key in kms.list_keys()["Keys"]:
        if grants := kms.list_grants(KeyId=key["KeyId"])["Grants"]:
            yield key["KeyArn"], grants
    for repository in ecr.describe_repositories()["repositories"]:
        try:
            named = ecr.get_repository_policy(repositoryName=repository["repositoryName"])
        except ecr.exceptions.RepositoryPolicyNotFoundException:
            continue
        yield repository["repositoryArn"], json.loads(named["policyText"])
    yield from _groups(organization, account)
    yield from _identities(organization, account)


def _scps(organization: Organization) -> Iterable[tuple[str, Any]]:
    organizations = organization.admin("organizations", "management")
    for policy in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]:
        if policy["Name"].startswith(_OURS):
            content = organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"]
            yield policy["Arn"], json.loads(content)


def _groups(organization: Organization, account: str) -> Iterable[tuple[str, Any]]:
    sagemaker = organization.admin("sagemaker", account)
    for group in sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]:
        try:
            found = sagemaker.get_model_package_group_policy(ModelPackageGroupName=group["ModelPackageGroupName"])
        except sagemaker.exceptions.ClientError:
            continue
        yield group["ModelPackageGroupArn"], json.loads(found["ResourcePolicy"])


def _identities(organization: Organization, account: str) -> Iterable[tuple[str, Any]]:
    """Yield policies and roles below /stagegate/: boundaries, guardrails, and the roles of imports."""
    iam = organization.admin("iam", account)
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        if policy["PolicyName"].startswith(_OURS):
            version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
            yield policy["Arn"], version["PolicyVersion"]["Document"]
    for role in iam.list_roles(PathPrefix=f"/{_OURS}/")["Roles"]:
        names = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        own = {
            name: iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"] for name in names
        }
        yield role["Arn"], {"trust": role["AssumeRolePolicyDocument"], "policies": own}


def _payloads(organization: Organization) -> dict[str, dict[str, Any]]:
    """Return one example of what each state hands to its function and gets back, by state machine, state and change."""
    found: dict[str, dict[str, Any]] = {}
    for execution in organization.executions():
        machine = execution.state_machine_arn.rsplit(":", 1)[1]
        state_name, asked = "", None
        for event in organization.history(execution.execution_arn):
            if event["type"].endswith("StateEntered"):
                state_name = event["stateEnteredEventDetails"]["name"]
            elif event["type"] == _PAYLOAD:
                details = event["taskScheduledEventDetails"]
                asked = json.loads(details["parameters"])["Payload"] if details["resourceType"] == "lambda" else None
            elif event["type"] == _ANSWER and asked is not None:
                kind = _kind(asked)
                answered = json.loads(event["taskSucceededEventDetails"]["output"])["Payload"]
                found.setdefault(
                    "/".join(filter(None, (machine, state_name, kind))), {"asked": asked, "answered": answered}
                )
    return found


def _kind(asked: Any) -> str:
    """Return what a payload is about: a kind of change, or else of subject."""
    if not isinstance(asked, dict):
        return ""
    asked = asked.get("request", asked)
    subject = str(asked.get("subject") or "").split(":")[-1].partition("/")[0]
    return str(asked.get("kind") or subject)


if __name__ == "__main__":
    sys.exit(main())
