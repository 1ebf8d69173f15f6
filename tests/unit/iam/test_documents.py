"""Two texts of one policy are equal however they are written, and two policies never are."""

import json
from typing import Any

import pytest

from stagegate.iam.documents import canonical_policy
from tests.support.statements import DEV, PROD, root_of

STATEMENT = {
    "Sid": "A",
    "Effect": "Allow",
    "Principal": {"AWS": [root_of(PROD), root_of(DEV)]},
    "Action": "s3:GetObject",
    "Resource": ["arn:aws:s3:::b/1", "arn:aws:s3:::b/2"],
    "Condition": {"Bool": {"aws:SecureTransport": "true"}, "NumericLessThan": {"s3:max-keys": "5"}},
}
OTHER = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


def policy(*statements: Any, **top: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", **top, "Statement": list(statements)}


@pytest.mark.parametrize(
    "rewritten",
    [
        policy(OTHER, STATEMENT),
        policy({**STATEMENT, "Action": ["s3:GetObject"]}, OTHER),
        policy({**STATEMENT, "Principal": {"AWS": [DEV, PROD]}}, OTHER),
        policy({**STATEMENT, "Resource": ["arn:aws:s3:::b/2", "arn:aws:s3:::b/1"]}, OTHER),
        policy(
            {
                **STATEMENT,
                "Condition": {"NumericLessThan": {"s3:max-keys": 5}, "Bool": {"aws:SecureTransport": [True]}},
            },
            OTHER,
        ),
        policy(STATEMENT, {**OTHER, "Principal": {"AWS": "*"}}),
        dict(reversed(policy(STATEMENT, OTHER).items())),
    ],
)
def test_a_service_may_rewrite_it(rewritten: dict[str, Any]) -> None:
    assert canonical_policy(rewritten) == canonical_policy(policy(STATEMENT, OTHER))
    assert json.dumps(rewritten) != json.dumps(policy(STATEMENT, OTHER))


@pytest.mark.parametrize(
    "changed",
    [
        policy(STATEMENT),
        policy(STATEMENT, OTHER, OTHER),
        policy(STATEMENT, OTHER, Id="x"),
        {**policy(STATEMENT, OTHER), "Version": "2008-10-17"},
        policy({**STATEMENT, "Sid": "B"}, OTHER),
        policy({**STATEMENT, "Effect": "Deny"}, OTHER),
        policy({**STATEMENT, "Resource": "arn:aws:s3:::b/1"}, OTHER),
        policy({**STATEMENT, "Principal": {"AWS": root_of(PROD)}}, OTHER),
        policy({**STATEMENT, "Principal": {"AWS": [root_of(DEV), f"arn:aws:iam::{PROD}:role/root"]}}, OTHER),
        policy({**STATEMENT, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, OTHER),
        policy({k: v for k, v in STATEMENT.items() if k != "Action"} | {"NotAction": "s3:GetObject"}, OTHER),
        policy(STATEMENT, {**OTHER, "Principal": {"Service": "*"}}),
    ],
)
def test_another_meaning_is_another_text(changed: dict[str, Any]) -> None:
    assert canonical_policy(changed) != canonical_policy(policy(STATEMENT, OTHER))


def test_a_single_statement_and_a_missing_version_have_their_long_forms() -> None:
    assert canonical_policy({"Statement": OTHER}) == canonical_policy({"Version": "2008-10-17", "Statement": [OTHER]})


def test_what_no_service_would_hold_is_compared_as_it_is() -> None:
    odd = [
        {"Principal": 7, "Action": [{"a": 1}], "Condition": "x"},
        {"Principal": {"AWS": None}, "Condition": {"Bool": []}},
        "x",
    ]
    assert len({canonical_policy(policy(each)) for each in odd}) == 3
