"""Requests for the policies that bind somebody: fences, sessions', and the roles of the templates."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.narrowed.covers import Cover
from stagegate.surfaces.fences.model import Fence, document_of
from tests.support.authorization import MANAGEMENT
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, PROD
from tests.support.evaluators import ALLOWED, DENIED, EVERYTHING, LACKING, Question
from tests.support.generated import Case
from tests.support.template_policies import ORGANIZATION, DeployedRole

OTHER_CARD = f"{CARD_ARN}-2"
OPERATOR = f"arn:aws:iam::{PROD}:role/ModelOperator"
UPDATE, DESCRIBE = "sagemaker:UpdateModelCard", "sagemaker:DescribeModelCard"
READS = "sagemaker:ListModelCardVersions"
SEVERAL = frozenset({"dynamodb:LeadingKeys", "events:source", "kms:GrantOperations"})
"""Condition keys that have several values in a request ("ArrayOfString" in AWS's reference)."""


def shared_card(card: str, account: str = PROD) -> str:
    """What RAM puts on a shared card, which is all that a consumer may do with it there."""
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": [DESCRIBE, UPDATE, READS],
            "Resource": card,
        }
    )


def fences() -> Iterator[tuple[str, str]]:
    """Every kind of fence: its name and its document."""
    for kind in FenceKind:
        for covers in (Cover.OTHERS, Cover.ALL):
            fence = Fence(account=PROD, kind=kind, roles=("ModelOperator",), covers=covers)
            text = document_of(fence, [OTHER_CARD], partition="aws", governance_account=GOVERNANCE)
            yield f"fence: {kind}, {'every card' if covers is Cover.ALL else 'all but an excepted one'}", text


def fence_cases() -> Iterator[tuple[str, Case]]:
    """A fence denies writing the cards it is for, and takes nothing else away."""
    for name, text in fences():
        excepted = ALLOWED if "excepted" in name else DENIED
        own = CARD_ARN.replace(GOVERNANCE, PROD)
        for how, action, card, expected in (
            ("reads the card", DESCRIBE, CARD_ARN, ALLOWED),
            ("writes the card", UPDATE, CARD_ARN, DENIED),
            ("writes a card with a longer name", UPDATE, OTHER_CARD, excepted),
            ("writes a card with a shorter name", UPDATE, CARD_ARN[:-1], DENIED),
            ("writes its own card", UPDATE, own, ALLOWED),
            ("reads another card", DESCRIBE, OTHER_CARD, ALLOWED),
        ):
            owner = PROD if card == own else GOVERNANCE
            requested = Question(
                role=OPERATOR, action=action, resource=card, account=owner, resource_policy=shared_card(card)
            )
            requested = (
                replace(requested, scps=(EVERYTHING, text)) if "scp" in name else replace(requested, boundary=text)
            )
            yield name, (how, requested, expected)


def session_cases(role: DeployedRole, session: Mapping[str, Any], target: str) -> Iterator[Case]:
    """A session of a member role can change its target and nothing else that the role could."""
    requested = Question(
        role=role.arn,
        action="s3:PutBucketPolicy",
        resource=target,
        account=role.arn.split(":")[4],
        identity=role.policy,
        session=json.dumps(session),
    )
    yield "writes its target", requested, ALLOWED
    yield "writes another bucket of the role's", replace(requested, resource=f"{target}-2"), LACKING
    yield "changes its ACL", replace(requested, action="s3:PutBucketAcl"), LACKING
    without = replace(requested, session=None, resource=f"{target}-2")
    yield "writes another bucket without the session's limit", without, ALLOWED


def trust_cases(role: DeployedRole, trusted: str) -> Iterator[Case]:
    """A member role trusts the one role of the governance account that it is for, of this organization."""
    requested = Question(
        role=trusted,
        action="sts:AssumeRole",
        resource=role.arn,
        account=role.arn.split(":")[4],
        context={"aws:PrincipalOrgID": ORGANIZATION},
        resource_policy=role.trust,
        is_trust=True,
    )
    home, _, name = trusted.rpartition("/")
    yield "the function's role", requested, ALLOWED
    for other in (f"{trusted}-evil", f"{home}/evil/{name}", trusted[:-1], f"{home}/Administrator"):
        yield other, replace(requested, role=other), LACKING
    yield "the same name elsewhere", replace(requested, role=trusted.replace(GOVERNANCE, PROD)), LACKING
    yield "another organization", replace(requested, context={"aws:PrincipalOrgID": "o-other00000"}), LACKING
    yield "no organization", replace(requested, context={}), LACKING


def statement_cases(role: DeployedRole) -> Iterator[Case]:
    """Every action of every statement on each of its resources, and the same with one thing changed.

    What is changed must not be allowed, unless another statement of the role allows it: then both have to agree (None).
    """
    for statement in role.statements:
        context = _context(statement)
        for action in _list(statement["Action"]):
            for resource in map(_instance, _list(statement["Resource"])):
                account = resource.split(":")[4] if resource != "*" else ""
                requested = Question(
                    role=role.arn,
                    action=action,
                    resource=resource,
                    account=account or role.arn.split(":")[4],
                    context=context,
                    identity=role.policy,
                )
                requested = _opened(requested, role.arn.split(":")[4])
                yield f"{statement['Sid']}: right", requested, ALLOWED
                for key, value in context.items():
                    wrong = [*value, "evil"] if key in SEVERAL else "false" if value == "true" else "evil"
                    yield (
                        f"{statement['Sid']}: other {key}",
                        replace(requested, context={**context, key: wrong}),
                        LACKING,
                    )


def _context(statement: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """A context that meets a statement's conditions."""
    met: dict[str, str | list[str]] = {}
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items() if operator != "Null" else ():
            met[key] = [*map(_instance, _list(values))] if key in SEVERAL else _instance(_list(values)[0])
    # A value that is another key's, as `${aws:RequestTag/stagegate:package}`.
    return {key: met.get(value[2:-1], value) if isinstance(value, str) else value for key, value in met.items()}


_SHAPES = (
    ("iam::*", f"iam::{DEV}"),
    (
        "organizations::*:policy/*/service_control_policy/*",
        f"organizations::{MANAGEMENT}:policy/{ORGANIZATION}/service_control_policy/p-12345678",
    ),
    (":hub-content/*", ":hub-content/x1/ModelReference/x1"),
    ("organizations::*:account/*/*", f"organizations::{MANAGEMENT}:account/{ORGANIZATION}/{DEV}"),
)
"""What stands for the wildcards of an ARN whose form IAM knows."""


def _instance(pattern: Any) -> str:
    """Something that a pattern matches; a wildcard for everything stays."""
    text = str(pattern).lower() if isinstance(pattern, bool) else str(pattern)
    for shape, instance in _SHAPES:
        text = text.replace(shape, instance)
    if text.startswith("arn:aws:logs:") and text.endswith(":*"):
        text = f"{text[:-1]}log-stream:x1"
    return text if text == "*" else text.replace("*", "x1")


def _opened(requested: Question, account: str) -> Question:
    """The request with a resource policy that lets the role's account at it, where an own policy isn't enough."""
    is_role, is_key = requested.action.startswith("sts:"), requested.action.startswith("kms:")
    if requested.account == account and not is_key:
        return requested
    statement = {"Effect": "Allow", "Action": requested.action, "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    policy = _document(statement if is_role else {**statement, "Resource": "*"})
    return replace(requested, resource_policy=policy, is_trust=is_role)


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
