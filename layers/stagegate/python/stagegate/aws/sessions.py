"""Entering a member account through its member role."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.exceptions import ClientError

from stagegate.aws import models
from stagegate.aws.config import REPEATABLE
from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import MemberRoleError

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

PERMISSIONS = frozenset({"sts:AssumeRole"})

SESSION_SECONDS = 900
"""The shortest session that STS gives; it outlives every function's timeout."""

Resources = str | Collection[str]


def session_of(**credentials: str) -> boto3.Session:
    """Return a session with these credentials, by `boto3.Session`'s names for them, or without as the function's role.

    All such sessions share what they know of services. `boto3.Session` alone reads that anew for its first client of
    each, which takes six times as long as all the rest.
    """
    core = botocore.session.Session()
    core.register_component("data_loader", models.loader())
    return boto3.Session(botocore_session=core, **credentials)


@cache
def own_session() -> boto3.Session:
    """Return the session of this function's own role, whose clients have the function's own credentials."""
    return session_of()


def sts_client() -> "STSClient":
    """Return what enters member accounts, for functions that do so with every event."""
    return own_session().client("sts", config=REPEATABLE)


def limited_to(actions: Collection[str], resources: Resources) -> dict[str, Any]:
    """Return the session policy for these actions on these resources, and nothing else that the role could do.

    Name few resources: the text may have 2,048 characters ("AssumeRole", API reference of STS).
    """
    return limited_to_each([(actions, resources)])


def limited_to_each(allowed: Iterable[tuple[Collection[str], Resources]]) -> dict[str, Any]:
    """Return the session policy for some actions on some resources, others on others; see `limited_to`."""
    statements = [
        {
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": resources if isinstance(resources, str) else sorted(resources),
        }
        for actions, resources in allowed
    ]
    return {"Version": "2012-10-17", "Statement": statements}


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The way into member accounts for one purpose: the role there, by its name below its path if it has one, and what
    it asks for to be trusted.
    """

    sts: "STSClient"
    role_name: str
    session_name: str
    external_id: str | None = None

    @classmethod
    def through(
        cls, role_name: str, session_name: str, external_id: str | None, sts: "STSClient | None" = None
    ) -> "Members":
        """Return the way in through the role of that name; sessions carry `session_name` into the members' trails.

        `sts` is what a function has made before its first event (`sts_client`). Without, one is made here.
        """
        return cls(
            sts=sts or sts_client(),
            role_name=role_name,
            session_name=session_name[:64],
            external_id=external_id,
        )

    def session(self, account: str, *, partition: str, policy: Mapping[str, Any]) -> boto3.Session:
        """Return a session in a member account that can do no more than `policy`, the change at hand.

        Raises MemberRoleError where the role is missing or doesn't trust the caller: STS says the same of both.
        """
        role_arn = f"arn:{partition}:iam::{account}:role/{self.role_name}"
        request: AssumeRoleRequestTypeDef = {
            "RoleArn": role_arn,
            "RoleSessionName": self.session_name,
            "DurationSeconds": SESSION_SECONDS,
            "Policy": json.dumps(policy, separators=(",", ":")),
        }
        if self.external_id:
            request["ExternalId"] = self.external_id
        with translated(f"assume {role_arn}"):
            try:
                answer = self.sts.assume_role(**request)
            except ClientError as error:
                if code_of(error) not in ("AccessDenied", "AccessDeniedException"):
                    raise
                raise MemberRoleError(
                    f"{role_arn}: found no way in; allowed: a role of this name that trusts this function. Deploy"
                    f" member-template.yaml into {account} with this account as its GovernanceAccountId."
                ) from error
        credentials = answer["Credentials"]
        return session_of(
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Every account that can be looked into: the function's own with its own role, and members through theirs."""

    own: str
    members: Members

    def client(
        self,
        service: str,
        actions: Collection[str],
        resource: Resources,
        *,
        account: str,
        region: str,
        partition: str,
    ) -> Any:
        """Return a client in an account and Region, which in a member can do these actions on these resources alone.

        What type it has depends on the service. Raises MemberRoleError.
        """
        session = own_session()
        if account != self.own:
            session = self.members.session(account, partition=partition, policy=limited_to(actions, resource))
        return session.client(service, region_name=region, config=REPEATABLE)  # type: ignore[call-overload]
