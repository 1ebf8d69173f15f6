"""AWS's evaluation logic: what a principal's own policies, its boundary, session and SCPs say."""

from __future__ import annotations

import pytest

from sandbox.authorization import Kind, Policies
from sandbox.kernel import identity
from tests.unit.sandbox.authorization.evaluator.cases import (
    ALLOW,
    CARD,
    FULL_SCP,
    IN_SESSION,
    NARROW,
    NO_UPDATE,
    NOTHING,
    OTHER,
    OTHER_SESSION,
    OWNER,
    WIDE,
    Case,
    differs,
    document,
    identity_policy,
    pair,
    statement,
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
]


@pytest.mark.parametrize(("allowed", "denied", "reason"), PAIRS)
def test_each_rule_by_an_allow_and_a_deny_that_differ_in_one_thing(allowed: Case, denied: Case, reason: str) -> None:
    differs(allowed, denied, reason)


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
