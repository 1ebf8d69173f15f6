"""Requests and policies in pairs: one that is allowed, and one that differs in one thing and is denied."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from sandbox.authorization import Decision, Document, Kind, Policies, Request, parse
from sandbox.authorization.evaluator.evaluate import evaluate
from sandbox.kernel import identity
from sandbox.kernel.identity import Principal

OWNER, OTHER = "111122223333", "222233334444"
ROLE = f"arn:aws:iam::{OWNER}:role/app/Reader"
CALLER = identity.session(ROLE, "today")
OTHER_ROLE = f"arn:aws:iam::{OTHER}:role/Consumer"
CONSUMER = identity.session(OTHER_ROLE, "today")
CARD = f"arn:aws:sagemaker:us-east-1:{OWNER}:model-card/churn"
DESCRIBE = "sagemaker:DescribeModelCard"


def statement(effect: str = "Allow", action: Any = DESCRIBE, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(kind: Kind, *statements: dict[str, Any]) -> Document:
    return parse(f"a {kind}", kind, json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def identity_policy(*statements: dict[str, Any]) -> tuple[Document, ...]:
    return (document(Kind.IDENTITY, *statements),)


def resource_policy(principal: Any, effect: str = "Allow", action: Any = DESCRIBE, **more: Any) -> tuple[Document, ...]:
    return (document(Kind.RESOURCE, statement(effect, action, Principal=principal, **more)),)


ALLOW = identity_policy(statement())
NOTHING = identity_policy(statement(action="sagemaker:ListModelCards"))


@dataclass(frozen=True)
class Case:
    """A request and its policies; the base of a pair."""

    policies: Policies
    principal: Principal = CALLER
    action: str = DESCRIBE
    resource: str = CARD
    owner: str = OWNER
    context: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def decide(self) -> Decision:
        return evaluate(Request(self.principal, self.action, self.resource, self.owner, self.context), self.policies)


def pair(name: str, case: Case, deny: str, **changes: Any) -> Any:
    """An allowed case, the same with `changes`, and the reason that then denies it."""
    of_policies = {
        key: changes.pop(key) for key in list(changes) if key in ("identity", "boundary", "session", "scps", "grants")
    }
    denied = replace(case, **({"policies": replace(case.policies, **of_policies)} | changes))
    return pytest.param(case, denied, deny, id=name)


FULL_SCP = document(Kind.SCP, statement(action="*"))
NO_UPDATE = document(Kind.SCP, statement("Deny", "sagemaker:UpdateModelCard"))
WIDE = document(Kind.BOUNDARY, statement(action="sagemaker:*"))
NARROW = document(Kind.BOUNDARY, statement(action="s3:*"))
IN_SESSION = document(Kind.SESSION, statement(resource=CARD))
OTHER_SESSION = document(Kind.SESSION, statement(resource=CARD + "2"))
KEY = f"arn:aws:kms:us-east-1:{OWNER}:key/1"
DECRYPT = identity_policy(statement(action="kms:Decrypt"))
ROOT_DELEGATES = resource_policy({"AWS": f"arn:aws:iam::{OWNER}:root"}, action="kms:*")


def differs(allowed: Case, denied: Case, reason: str) -> None:
    """Assert that the one is allowed, and the other denied for that reason."""
    assert allowed.decide().allowed, allowed.decide().reason
    decision = denied.decide()
    assert not decision.allowed
    assert reason in decision.reason
