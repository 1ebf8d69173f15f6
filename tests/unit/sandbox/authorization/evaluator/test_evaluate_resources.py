"""AWS's evaluation logic: what a resource's own policy says beside the principal's, and across accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sandbox.authorization import Document, Kind, Policies
from sandbox.kernel import identity
from tests.unit.sandbox.authorization.evaluator.cases import (
    ALLOW,
    CALLER,
    CARD,
    CONSUMER,
    DECRYPT,
    FULL_SCP,
    KEY,
    NARROW,
    NOTHING,
    OTHER,
    OTHER_ROLE,
    OTHER_SESSION,
    OWNER,
    ROLE,
    ROOT_DELEGATES,
    WIDE,
    Case,
    differs,
    document,
    identity_policy,
    pair,
    resource_policy,
    statement,
)

EVENTBRIDGE = identity.service(
    "events.amazonaws.com", source_account=OWNER, source_arn=f"arn:aws:events:us-east-1:{OWNER}:rule/r"
)


def trusts(principal: Any, **more: Any) -> tuple[Document, ...]:
    return (document(Kind.TRUST, {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}),)


def unless(*principals: str) -> tuple[Document, ...]:
    return (document(Kind.RESOURCE, statement("Deny", NotPrincipal={"AWS": list(principals)})),)


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
    pair(
        "NotPrincipal leaves out the session that it lists with its role and account",
        Case(Policies(identity=ALLOW, resource=unless(CALLER.arn, ROLE, OWNER))),
        "an explicit deny in a resource-based policy",
        principal=identity.session(ROLE, "tomorrow"),
    ),
    pair(
        "NotPrincipal leaves out nobody with a boundary",
        Case(Policies(identity=ALLOW, resource=unless(CALLER.arn, ROLE, OWNER))),
        "an explicit deny in a resource-based policy",
        boundary=WIDE,
    ),
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
        Case(Policies(resource=resource_policy({"Service": "events.amazonaws.com"})), principal=EVENTBRIDGE),
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
            principal=EVENTBRIDGE,
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
    differs(allowed, denied, reason)
