"""AWS's evaluation logic: every rule as an allow and a deny that differ in one thing."""

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
BUS = identity.service(
    "events.amazonaws.com", source_account=OWNER, source_arn=f"arn:aws:events:us-east-1:{OWNER}:rule/r"
)


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


def trusts(principal: Any, **more: Any) -> tuple[Document, ...]:
    return (document(Kind.TRUST, {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}),)


ASSUME = Case(
    Policies(
        identity=identity_policy(statement(action="sts:AssumeRole", resource=ROLE)),
        resource=trusts({"AWS": f"arn:aws:iam::{OTHER}:root"}),
        resource_must_allow=True,
    ),
    principal=CONSUMER,
    action="sts:AssumeRole",
    resource=ROLE,
)

PAIRS = [
    pair("identity allows", Case(Policies(identity=ALLOW)), "no identity-based policy", identity=NOTHING),
    pair(
        "identity allows this resource",
        Case(Policies(identity=identity_policy(statement(resource=CARD)))),
        "no identity-based policy",
        resource=CARD + "-2",
    ),
    pair(
        "explicit deny beside an allow",
        Case(Policies(identity=ALLOW)),
        "explicit deny in an identity-based policy",
        identity=identity_policy(statement(), statement("Deny", resource=CARD)),
    ),
    pair(
        "NotAction",
        Case(
            Policies(
                identity=identity_policy({"Effect": "Allow", "NotAction": "sagemaker:UpdateModelCard", "Resource": "*"})
            )
        ),
        "no identity-based policy",
        action="sagemaker:UpdateModelCard",
    ),
    pair(
        "NotResource",
        Case(
            Policies(
                identity=identity_policy(
                    statement(), {"Effect": "Deny", "Action": "*", "NotResource": f"{CARD.rsplit('/', 1)[0]}/*"}
                )
            )
        ),
        "explicit deny",
        resource=CARD.replace("model-card", "hub"),
    ),
    pair(
        "boundary allows",
        Case(Policies(identity=ALLOW, boundary=WIDE)),
        "no permissions boundary allows",
        boundary=NARROW,
    ),
    pair(
        "a boundary alone gives nothing",
        Case(Policies(identity=ALLOW, boundary=WIDE)),
        "no identity-based policy",
        identity=NOTHING,
    ),
    pair(
        "session policy allows",
        Case(Policies(identity=ALLOW, session=IN_SESSION)),
        "no session policy allows",
        session=OTHER_SESSION,
    ),
    pair("SCPs allow", Case(Policies(identity=ALLOW, scps=((FULL_SCP,),))), "no service control policy", scps=((),)),
    pair(
        "every level of SCPs allows",
        Case(Policies(identity=ALLOW, scps=((FULL_SCP,), (FULL_SCP,)))),
        "no service control policy",
        scps=((FULL_SCP,), (NO_UPDATE,)),
    ),
    pair(
        "SCP deny wins over an allow of everything",
        Case(Policies(identity=identity_policy(statement(action="*")), scps=((FULL_SCP, NO_UPDATE),))),
        "with an explicit deny in a service control policy",
        action="sagemaker:UpdateModelCard",
    ),
    pair(
        "SCP deny holds for root",
        Case(Policies(scps=((FULL_SCP, NO_UPDATE),)), principal=identity.root(OWNER)),
        "with an explicit deny in a service control policy",
        action="sagemaker:UpdateModelCard",
    ),
    # Resource-based policies, same account
    pair(
        "resource policy names the role",
        Case(Policies(resource=resource_policy({"AWS": ROLE}))),
        "no identity-based policy",
        resource=CARD,
        principal=identity.session(ROLE.replace("Reader", "Writer"), "today"),
    ),
    pair(
        "a role ARN in the resource policy stays within the boundary",
        Case(Policies(resource=resource_policy({"AWS": ROLE}), boundary=WIDE)),
        "no permissions boundary",
        boundary=NARROW,
    ),
    pair(
        "a session ARN in the resource policy needs neither boundary nor session policy",
        Case(Policies(resource=resource_policy({"AWS": CALLER.arn}), boundary=NARROW, session=OTHER_SESSION)),
        "no identity-based policy",
        principal=identity.session(ROLE, "tomorrow"),
    ),
    pair(
        "the account in its own resource's policy only delegates",
        Case(Policies(identity=ALLOW, resource=resource_policy({"AWS": OWNER}))),
        "no identity-based policy",
        identity=NOTHING,
    ),
    pair(
        "everyone under a condition",
        Case(
            Policies(
                resource=resource_policy("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}),
            ),
            context={"aws:PrincipalOrgID": ("o-ours",)},
        ),
        "no identity-based policy",
        context={"aws:PrincipalOrgID": ("o-theirs",)},
    ),
    # Cross-account: both sides
    pair(
        "cross-account needs the resource's side",
        Case(Policies(identity=ALLOW, resource=resource_policy({"AWS": OTHER})), principal=CONSUMER),
        "no resource-based policy",
        policies=Policies(identity=ALLOW),
    ),
    pair(
        "cross-account needs the identity's side",
        Case(Policies(identity=ALLOW, resource=resource_policy({"AWS": OTHER})), principal=CONSUMER),
        "no identity-based policy",
        identity=NOTHING,
    ),
    pair(
        "cross-account needs the identity's side even if the role is named",
        Case(Policies(identity=ALLOW, resource=resource_policy({"AWS": OTHER_ROLE})), principal=CONSUMER),
        "no identity-based policy",
        identity=NOTHING,
    ),
    pair(
        "cross-account names this account",
        Case(
            Policies(identity=ALLOW, resource=resource_policy({"AWS": f"arn:aws:iam::{OTHER}:root"})),
            principal=CONSUMER,
        ),
        "no resource-based policy",
        principal=identity.session(OTHER_ROLE.replace(OTHER, "333344445555"), "today"),
    ),
    pair(
        "the resource's own policy may deny one account",
        Case(Policies(identity=ALLOW, resource=resource_policy({"AWS": OTHER})), principal=CONSUMER),
        "explicit deny in a resource-based policy",
        resource=CARD,
        policies=Policies(
            identity=ALLOW, resource=resource_policy({"AWS": OTHER}) + resource_policy({"AWS": OTHER_ROLE}, "Deny")
        ),
    ),
    # Services
    pair(
        "a service by the resource policy",
        Case(Policies(resource=resource_policy({"Service": "events.amazonaws.com"})), principal=BUS),
        "no resource-based policy",
        principal=identity.service("sns.amazonaws.com"),
    ),
    pair(
        "a service for one source",
        Case(
            Policies(
                resource=resource_policy(
                    {"Service": "events.amazonaws.com"},
                    Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:events:us-east-1:{OWNER}:rule/r"}},
                )
            ),
            principal=BUS,
            context={"aws:SourceArn": (f"arn:aws:events:us-east-1:{OWNER}:rule/r",)},
        ),
        "no resource-based policy",
        context={"aws:SourceArn": (f"arn:aws:events:us-east-1:{OWNER}:rule/s",)},
    ),
    # KMS keys: the key policy has to agree
    pair(
        "key policy delegates to IAM",
        Case(
            Policies(identity=DECRYPT, resource=ROOT_DELEGATES, resource_must_allow=True),
            action="kms:Decrypt",
            resource=KEY,
        ),
        "no identity-based policy",
        identity=NOTHING,
    ),
    pair(
        "without the delegation IAM is not enough for a key",
        Case(
            Policies(identity=DECRYPT, resource=ROOT_DELEGATES, resource_must_allow=True),
            action="kms:Decrypt",
            resource=KEY,
        ),
        "no resource-based policy",
        policies=Policies(
            identity=DECRYPT, resource=resource_policy({"AWS": OTHER_ROLE}, action="kms:*"), resource_must_allow=True
        ),
    ),
    pair(
        "key policy names the role",
        Case(
            Policies(resource=resource_policy({"AWS": ROLE}, action="kms:Decrypt"), resource_must_allow=True),
            action="kms:Decrypt",
            resource=KEY,
        ),
        "no resource-based policy",
        action="kms:GenerateDataKey",
    ),
    pair(
        "a grant is enough",
        Case(
            Policies(resource=(), resource_must_allow=True, grants=("grant-1",)),
            principal=CONSUMER,
            action="kms:Decrypt",
            resource=KEY,
        ),
        "no resource-based policy",
        grants=(),
    ),
    pair(
        "a grant doesn't outdo an SCP",
        Case(
            Policies(resource_must_allow=True, grants=("grant-1",), scps=((FULL_SCP,),)),
            principal=CONSUMER,
            action="kms:Decrypt",
            resource=KEY,
        ),
        "explicit deny",
        scps=((FULL_SCP, document(Kind.SCP, statement("Deny", "kms:*"))),),
    ),
    # Role trust
    pair("cross-account AssumeRole", ASSUME, "no identity-based policy", identity=NOTHING),
    pair(
        "trust admits the account",
        ASSUME,
        "no role trust policy",
        resource=ROLE,
        policies=replace(ASSUME.policies, resource=trusts({"AWS": f"arn:aws:iam::{OWNER}:root"})),
    ),
    pair(
        "trust of the root under aws:PrincipalArn",
        replace(
            ASSUME,
            policies=replace(
                ASSUME.policies,
                resource=trusts(
                    {"AWS": f"arn:aws:iam::{OTHER}:root"}, Condition={"ArnEquals": {"aws:PrincipalArn": OTHER_ROLE}}
                ),
            ),
            context={"aws:PrincipalArn": (OTHER_ROLE,)},
        ),
        "no role trust policy",
        context={"aws:PrincipalArn": (OTHER_ROLE + "-evil",)},
    ),
    pair(
        "same account, trust of the root: identity has to allow",
        replace(
            ASSUME,
            principal=CALLER,
            policies=replace(ASSUME.policies, resource=trusts({"AWS": f"arn:aws:iam::{OWNER}:root"})),
        ),
        "no identity-based policy",
        identity=NOTHING,
    ),
    pair(
        "same account, trust of the role itself is enough",
        replace(ASSUME, principal=CALLER, policies=Policies(resource=trusts({"AWS": ROLE}), resource_must_allow=True)),
        "no identity-based policy",
        policies=Policies(resource=trusts({"AWS": f"arn:aws:iam::{OWNER}:root"}), resource_must_allow=True),
    ),
    pair(
        "trust of a service",
        replace(
            ASSUME,
            principal=identity.service("lambda.amazonaws.com"),
            policies=Policies(resource=trusts({"Service": "lambda.amazonaws.com"}), resource_must_allow=True),
        ),
        "no role trust policy",
        principal=identity.service("states.amazonaws.com"),
    ),
]


@pytest.mark.parametrize(("allowed", "denied", "reason"), PAIRS)
def test_each_rule_by_an_allow_and_a_deny_that_differ_in_one_thing(allowed: Case, denied: Case, reason: str) -> None:
    assert allowed.decide().allowed, allowed.decide().reason
    decision = denied.decide()
    assert not decision.allowed
    assert reason in decision.reason


def test_a_decision_names_the_statement_that_made_it() -> None:
    policies = Policies(identity=identity_policy(statement(Sid="Read")))
    assert Case(policies).decide().decided_by == "a identity-based policy: Read"


def test_root_needs_no_policy_in_its_own_account_and_has_nothing_in_another() -> None:
    assert Case(Policies(), principal=identity.root(OWNER)).decide().allowed
    assert not Case(Policies(), principal=identity.root(OTHER)).decide().allowed


def test_a_denied_session_policy_cannot_be_widened_by_the_role() -> None:
    session = document(Kind.SESSION, statement("Deny"), statement(action="*"))
    decision = Case(Policies(identity=ALLOW, session=session)).decide()
    assert decision.reason == "with an explicit deny in a session policy"
