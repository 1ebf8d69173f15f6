"""Accounts that were closed, or have left the organization: Organizations' answers, and member roles that refuse."""

from collections.abc import Mapping
from typing import Any

import boto3

from stagegate.core.errors import MemberRoleError
from tests.support.members import ScriptedMembers
from tests.support.scripted import Answer, Scripted, refusal

ACTIVE: Answer = {"Account": {"State": "ACTIVE", "Status": "ACTIVE"}}
CLOSED: Answer = {"Account": {"State": "CLOSED", "Status": "SUSPENDED"}}
LEFT: Answer = refusal("AccountNotFoundException", "You specified an account that doesn't exist.")


def organizations(account: str, answer: Answer, others: Answer = ACTIVE) -> Scripted:
    """Organizations, which says so of one account, and of all others that they are active unless told otherwise."""

    def describe(request: Mapping[str, Any]) -> Mapping[str, Any]:
        found = answer if request["AccountId"] == account else others
        if isinstance(found, Exception):
            raise found
        assert not callable(found)
        return found

    return Scripted("organizations", DescribeAccount=describe, ListPoliciesForTarget={"Policies": []})


class ShutMembers(ScriptedMembers):
    """Members of which one can't be entered."""

    def __init__(self, shut: str, *clients: Scripted) -> None:
        super().__init__(*clients)
        self.shut = shut

    def session(self, account: str, *, partition: str, policy: Mapping[str, Any]) -> boto3.Session:
        """A session of another account. Raises MemberRoleError."""
        if account == self.shut:
            raise MemberRoleError(f"{account}: found no way in")
        return super().session(account, partition=partition, policy=policy)
