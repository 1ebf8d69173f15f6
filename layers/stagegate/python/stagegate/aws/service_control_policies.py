"""Service control policies: those of an account, and ours, by their tag and name, put on accounts and taken off."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.attempts import try_each
from stagegate.core.errors import NotSettledError
from stagegate.iam.documents import canonical_text

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_organizations.type_defs import TagTypeDef

_Answer = TypeVar("_Answer")

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
    """What a policy of ours is called, is for, and is marked with.

    The name is what it is known by: an organization has a name once, and ours begin with the stack's prefix.
    """

    name: str
    description: str
    resource_type: str

    @property
    def tags(self) -> "list[TagTypeDef]":
        """The tag that lets us change it: the function's role and the delegation ask for it, and we for the name."""
        return [{"Key": RESOURCE_TYPE_TAG, "Value": self.resource_type}]


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
    stored = _update(organizations, own, policy, document) if policy else None
    if policy is None or stored is None:
        policy, stored = _make(organizations, own, document)
        missing = accounts
    id_ = policy

    def attach(account: str) -> None:
        with translated(f"put {own.name} on {account}"):
            _ours(organizations, own, id_, lambda: _attach(organizations, id_, account))

    try_each(missing, attach)
    for account in accounts:
        if policy not in attached(organizations, account).values() or canonical_text(stored) != document:
            raise NotSettledError(f"{own.name} ({policy}) doesn't stand yet on {account}")


def remove(
    organizations: "OrganizationsClient", own: OwnPolicy, *, policy: str | None, accounts: Collection[str], delete: bool
) -> None:
    """Take a policy off these accounts, and with `delete` out of the organization. What is gone already is gone.

    Without an id (none of the accounts has it) it is looked for by its name.
    """
    policy = policy or _found(organizations, own.name)
    if policy is None:
        return
    id_ = policy

    def detach(account: str) -> None:
        with translated(f"take {own.name} off {account}"):
            try:
                _ours(organizations, own, id_, lambda: organizations.detach_policy(PolicyId=id_, TargetId=account))
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise

    try_each(accounts, detach)
    if delete:
        try:
            _ours(organizations, own, id_, lambda: organizations.delete_policy(PolicyId=id_))
        except ClientError as error:
            if code_of(error) != "PolicyNotFoundException":
                raise


def _ours(organizations: "OrganizationsClient", own: OwnPolicy, policy: str, change: Callable[[], _Answer]) -> _Answer:
    """Change a policy of ours. Where that is refused, somebody may have taken its tag off: it gets it back, and the
    change is tried once more. What is refused for another reason is refused then.
    """
    try:
        return change()
    except ClientError as error:
        if code_of(error) != "AccessDeniedException":
            raise
        try:
            organizations.tag_resource(ResourceId=policy, Tags=own.tags)
        except ClientError:
            raise error from None
        return change()


def _update(organizations: "OrganizationsClient", own: OwnPolicy, policy: str, document: str) -> str | None:
    """Return the document as AWS stored it, or None where another run has taken the policy away since it was seen."""
    try:
        updated = _ours(
            organizations, own, policy, lambda: organizations.update_policy(PolicyId=policy, Content=document)
        )
        return updated["Policy"]["Content"]
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
            Tags=own.tags,
        )["Policy"]
    except ClientError as error:
        policy = _found(organizations, own.name) if code_of(error) == "DuplicatePolicyException" else None
        if policy is None:
            raise
        id_ = policy
        made = _ours(organizations, own, id_, lambda: organizations.update_policy(PolicyId=id_, Content=document))[
            "Policy"
        ]
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
