"""Service control policies: those of an account, and ours, by their tag and name, put on accounts and taken off."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.attempts import try_each
from stagegate.core.errors import NotSettledError
from stagegate.iam.documents import canonical_text

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

READ_PERMISSIONS = frozenset({"organizations:DescribePolicy", "organizations:ListPoliciesForTarget"})
WRITE_PERMISSIONS = frozenset(
    {
        "organizations:AttachPolicy",
        "organizations:CreatePolicy",
        "organizations:DeletePolicy",
        "organizations:DetachPolicy",
        "organizations:ListPolicies",
        "organizations:ListPoliciesForTarget",
        "organizations:TagResource",
        "organizations:UpdatePolicy",
    }
)

RESOURCE_TYPE_TAG = "stagegate:resource-type"
"""The tag that our policies carry: the function's role may change no policy that is without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPolicy:
    """What a policy of ours is called, is for, and is marked with."""

    name: str
    description: str
    resource_type: str


def attached(organizations: "OrganizationsClient", account: str) -> dict[str, str]:
    """Return the policies that are attached to the account itself, as name to id."""
    return {
        summary["Name"]: summary["Id"]
        for page in organizations.get_paginator("list_policies_for_target").paginate(
            TargetId=account, Filter="SERVICE_CONTROL_POLICY"
        )
        for summary in page["Policies"]
    }


_GONE = ("PolicyNotAttachedException", "PolicyNotFoundException", "TargetNotFoundException")
"""The last one is an account that has left the organization, and with it every policy of the organization."""


def content(organizations: "OrganizationsClient", policy: str) -> str:
    """Return what a policy says."""
    return organizations.describe_policy(PolicyId=policy)["Policy"]["Content"]


def put(
    organizations: "OrganizationsClient",
    own: OwnPolicy,
    document: str,
    *,
    policy: str | None,
    accounts: Collection[str],
    missing: Collection[str] = (),
) -> None:
    """Make `document` the policy of these accounts, `missing` of which haven't got it. Doing it again changes nothing.

    `policy` is its id, if it was seen on one of them. Raises NotSettledError where what AWS stored or attached isn't
    what was asked for, and ClientError where it refuses.
    """
    stored = _update(organizations, policy, document) if policy else None
    if policy is None or stored is None:
        policy, stored = _make(organizations, own, document)
        missing = accounts
    id_ = policy

    def attach(account: str) -> None:
        with translated(f"put {own.name} on {account}"):
            _attach(organizations, id_, account)

    try_each(missing, attach)
    for account in accounts:
        if policy not in attached(organizations, account).values() or canonical_text(stored) != document:
            raise NotSettledError(f"{own.name} ({policy}) doesn't stand yet on {account}")


def remove(
    organizations: "OrganizationsClient", name: str, *, policy: str | None, accounts: Collection[str], delete: bool
) -> None:
    """Take a policy off these accounts, and with `delete` out of the organization. What is gone already is gone.

    Without an id (none of the accounts has it) it is looked for by its name.
    """
    policy = policy or _found(organizations, name)
    if policy is None:
        return
    id_ = policy

    def detach(account: str) -> None:
        with translated(f"take {name} off {account}"):
            try:
                organizations.detach_policy(PolicyId=id_, TargetId=account)
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise

    try_each(accounts, detach)
    if delete:
        try:
            organizations.delete_policy(PolicyId=policy)
        except ClientError as error:
            if code_of(error) != "PolicyNotFoundException":
                raise


def _update(organizations: "OrganizationsClient", policy: str, document: str) -> str | None:
    """Return the document as AWS stored it, or None where another run has taken the policy away since it was seen."""
    try:
        return organizations.update_policy(PolicyId=policy, Content=document)["Policy"]["Content"]
    except ClientError as error:
        if code_of(error) == "PolicyNotFoundException":
            return None
        raise


def _make(organizations: "OrganizationsClient", own: OwnPolicy, document: str) -> tuple[str, str]:
    """Make the policy, or bring the one of that name up to date: an earlier run may have made it and died."""
    try:
        made = organizations.create_policy(
            Name=own.name,
            Description=own.description,
            Type="SERVICE_CONTROL_POLICY",
            Content=document,
            Tags=[{"Key": RESOURCE_TYPE_TAG, "Value": own.resource_type}],
        )["Policy"]
    except ClientError as error:
        policy = _found(organizations, own.name) if code_of(error) == "DuplicatePolicyException" else None
        if policy is None:
            raise
        made = organizations.update_policy(PolicyId=policy, Content=document)["Policy"]
    return made["PolicySummary"]["Id"], made["Content"]


def _found(organizations: "OrganizationsClient", name: str) -> str | None:
    pages = organizations.get_paginator("list_policies").paginate(Filter="SERVICE_CONTROL_POLICY")
    return next((each["Id"] for page in pages for each in page["Policies"] if each["Name"] == name), None)


def _attach(organizations: "OrganizationsClient", policy: str, account: str) -> None:
    try:
        organizations.attach_policy(PolicyId=policy, TargetId=account)
    except ClientError as error:
        if code_of(error) != "DuplicatePolicyAttachmentException":
            raise
