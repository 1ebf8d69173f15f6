"""Condition operators, above all what an absent key means, and the traps of published policies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.authorization import InvalidPolicy, Kind, Policies, Request, UnknownConditionKey, parse
from sandbox.authorization.evaluator.evaluate import evaluate
from sandbox.kernel import identity

PRINCIPAL = identity.session("arn:aws:iam::111122223333:role/Reader", "s")


def applies(
    condition: dict[str, Any], context: Mapping[str, tuple[str, ...]], action: str = "s3:GetObject", resource: str = "*"
) -> bool:
    """Whether an allow under `condition` reaches a request with `context`."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": resource, "Condition": condition}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    policies = Policies(identity=(parse("p", Kind.IDENTITY, text),))
    return evaluate(Request(PRINCIPAL, action, "arn:aws:s3:::b/k", "111122223333", context), policies).allowed


ARN = "arn:aws:iam::111122223333:role/Stagegate"


@pytest.mark.parametrize(
    ("operator", "key", "value", "matching", "other", "absent"),
    [
        ("StringEquals", "aws:PrincipalAccount", "1", "1", "2", False),
        ("StringNotEquals", "aws:PrincipalAccount", "1", "2", "1", True),
        ("StringEqualsIgnoreCase", "aws:PrincipalType", "AssumedRole", "assumedrole", "Account", False),
        ("StringLike", "s3:prefix", "a/*", "a/b", "b/a/", False),
        ("StringNotLike", "s3:prefix", "a/*", "b", "a/b", True),
        ("ArnEquals", "aws:PrincipalArn", ARN, ARN, ARN + "-evil", False),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Stage*", ARN, "arn:aws:iam::1:role/x/Stagegate", False),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Stage*", "arn:aws:iam::1:role/x", ARN, True),
        ("Bool", "aws:SecureTransport", "true", "true", "false", False),
        ("NumericLessThan", "s3:max-keys", "10", "9", "10", False),
        ("NumericNotEquals", "s3:max-keys", "10", "9", "10", True),
        (
            "DateGreaterThan",
            "aws:CurrentTime",
            "2026-01-01T00:00:00Z",
            "2026-01-02T00:00:00Z",
            "2025-12-31T23:59:59Z",
            False,
        ),
        ("StringEqualsIfExists", "aws:PrincipalAccount", "1", "1", "2", True),
        ("ForAnyValue:StringEquals", "aws:PrincipalAccount", "1", "1", "2", False),
        ("ForAllValues:StringEquals", "aws:PrincipalAccount", "1", "1", "2", True),
    ],
)
def test_operator(operator: str, key: str, value: str, matching: str, other: str, *, absent: bool) -> None:
    condition = {operator: {key: value}}
    assert applies(condition, {key: (matching,)})
    assert not applies(condition, {key: (other,)})
    assert applies(condition, {}) is absent


def test_sets_of_values() -> None:
    keys = {"aws:TagKeys": ("owner", "stage")}
    any_value, all_values = (
        {f"{each}:StringEquals": {"aws:TagKeys": ["owner"]}} for each in ("ForAnyValue", "ForAllValues")
    )
    assert applies(any_value, keys, action="ram:CreateResourceShare")
    assert not applies(all_values, keys, action="ram:CreateResourceShare")
    assert applies(all_values, {"aws:TagKeys": ("owner",)}, action="ram:CreateResourceShare")


def test_several_values_without_a_set_operator_are_an_error() -> None:
    with pytest.raises(InvalidPolicy, match="aws:TagKeys has 2 values"):
        applies({"StringEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": ("a", "b")}, action="ram:CreateResourceShare")


def test_null_is_about_presence() -> None:
    key = "aws:PrincipalOrgID"
    assert applies({"Null": {key: "true"}}, {})
    assert not applies({"Null": {key: "true"}}, {key: ("o-1",)})
    assert applies({"Null": {key: "false"}}, {key: ("o-1",)})
    assert not applies({"Null": {key: "false"}}, {})


@pytest.mark.parametrize("value", ["*", "yes", ["true", "false"], ""])
def test_null_takes_true_or_false_only(value: Any) -> None:
    with pytest.raises(InvalidPolicy, match="Null takes"):
        applies({"Null": {"aws:PrincipalOrgID": value}}, {})


def test_a_trailing_star_after_an_account_reaches_other_roles_and_an_exact_arn_does_not() -> None:
    lookalike = {"aws:PrincipalArn": ("arn:aws:iam::777788889999:role/Import-777788889999-evil",)}
    exact = "arn:aws:iam::777788889999:role/Import-777788889999"
    assert applies({"ArnLike": {"aws:PrincipalArn": exact + "*"}}, lookalike)
    assert not applies({"ArnEquals": {"aws:PrincipalArn": exact}}, lookalike)
    assert applies({"ArnEquals": {"aws:PrincipalArn": exact}}, {"aws:PrincipalArn": (exact,)})


def test_a_deny_by_an_absent_negated_key_hits_everything() -> None:
    # s3:prefix belongs to ListBucket: on GetObject it is absent, and StringNotLike of an absent key is true.
    not_eula = {"StringNotLike": {"s3:prefix": "*/eula.txt"}}
    assert applies(not_eula, {}, action="s3:GetObject")
    assert not applies(not_eula, {"s3:prefix": ("m/eula.txt",)}, action="s3:ListBucket")


def test_variables_take_the_request_s_value_literally() -> None:
    resource = "arn:aws:s3:::b/${aws:PrincipalAccount}"
    assert applies({}, {"aws:PrincipalAccount": ("k",)}, resource=resource)
    assert not applies({}, {"aws:PrincipalAccount": ("*",)}, resource=resource)
    assert not applies({}, {}, resource=resource)


def test_keys_are_not_case_sensitive() -> None:
    assert applies({"StringEquals": {"AWS:PrincipalAccount": "1"}}, {"aws:principalaccount": ("1",)})


@pytest.mark.parametrize("key", ["aws:SourceIp", "s3:ExistingObjectTag/x", "nosuch:Key", "ram:NoSuchKey"])
def test_an_unknown_key_is_an_error_that_names_it(key: str) -> None:
    with pytest.raises(UnknownConditionKey, match=key):
        applies({"StringEquals": {key: "x"}}, {})


def test_a_key_of_another_service_is_merely_absent() -> None:
    assert not applies({"StringEquals": {"kms:ViaService": "x"}}, {})


@pytest.mark.parametrize("operator", ["IpAddress", "StringMatches", "ForSomeValues:StringEquals", "NullIfExists"])
def test_an_unknown_operator_is_an_error_that_names_it(operator: str) -> None:
    with pytest.raises(InvalidPolicy, match=operator.split(":", maxsplit=1)[0]):
        applies({operator: {"aws:PrincipalAccount": "true"}}, {})
