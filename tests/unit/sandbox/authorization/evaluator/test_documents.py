"""Policy documents and patterns: what AWS refuses is refused, by name; what it accepts is read as it reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.authorization import InvalidPolicy, Kind, parse
from sandbox.authorization.evaluator.matching import action_matches, arn_matches
from sandbox.authorization.evaluator.principals import Naming, parse_principals
from sandbox.kernel import identity

GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def read(kind: Kind, *statements: Any, **top: Any) -> Any:
    return parse("p", kind, json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | top))


@pytest.mark.parametrize(
    ("kind", "statement", "problem"),
    [
        (Kind.IDENTITY, GOOD | {"Effect": "Permit"}, "Effect"),
        (Kind.IDENTITY, GOOD | {"Principal": "*"}, "Principal is not allowed"),
        (Kind.IDENTITY, GOOD | {"NotAction": "s3:*"}, "exclude each other"),
        (Kind.IDENTITY, GOOD | {"Action": []}, "non-empty|list of strings"),
        (Kind.IDENTITY, GOOD | {"Action": "GetObject"}, "names no service"),
        (Kind.IDENTITY, GOOD | {"Resources": "*"}, "Resources"),
        (Kind.IDENTITY, {"Effect": "Allow", "Action": "s3:*"}, "Resource is missing"),
        (Kind.RESOURCE, GOOD, "Principal is missing"),
        (Kind.RESOURCE, GOOD | {"NotPrincipal": "*"}, "NotPrincipal needs the Effect Deny"),
        (Kind.RESOURCE, GOOD | {"Principal": "*", "NotPrincipal": "*"}, "Principal and NotPrincipal exclude"),
        (Kind.IDENTITY, GOOD | {"NotPrincipal": "*"}, "NotPrincipal is not allowed"),
        (Kind.RESOURCE, GOOD | {"Principal": {"AWS": "arn:aws:iam::111122223333:role/Import*"}}, "invalid principal"),
        (Kind.RESOURCE, GOOD | {"Principal": {"AWS": "AROAEXAMPLE"}}, "invalid principal"),
        (Kind.RESOURCE, GOOD | {"Principal": {"Service": "events"}}, "invalid service principal"),
        (Kind.RESOURCE, GOOD | {"Principal": {"Everybody": "x"}}, "unsupported principal type Everybody"),
        (Kind.TRUST, {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": "*"}, "no NotPrincipal"),
        (Kind.TRUST, GOOD | {"Principal": "*"}, "no Resource"),
    ],
)
def test_a_bad_statement_is_refused_by_name(kind: Kind, statement: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidPolicy, match=problem):
        read(kind, statement)


def test_a_bad_document_is_refused_by_name() -> None:
    with pytest.raises(InvalidPolicy, match="not JSON"):
        parse("p", Kind.IDENTITY, "{“Version”: 1}")
    with pytest.raises(InvalidPolicy, match="Version"):
        read(Kind.IDENTITY, GOOD, Version="2012-10-17\t")


def test_before_2012_a_variable_is_plain_text() -> None:
    document = read(Kind.IDENTITY, GOOD | {"Resource": "arn:aws:s3:::${aws:PrincipalAccount}"}, Version="2008-10-17")
    (resource,) = document.statements[0].resources
    assert arn_matches(resource, "arn:aws:s3:::${aws:PrincipalAccount}", lambda _: ("1",))
    assert not arn_matches(resource, "arn:aws:s3:::1", lambda _: ("1",))


def test_a_single_statement_and_single_strings_are_read_as_lists() -> None:
    document = parse("p", Kind.IDENTITY, json.dumps({"Version": "2012-10-17", "Statement": GOOD}))
    assert document.statements[0].actions == ("s3:GetObject",)


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("*", "*", True),
        ("arn:aws:s3:::b", "*", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/c", True),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/ac", False),
        ("arn:aws:s3", "arn:aws:s3:::b", True),
        # a wildcard ends at its field
        ("arn:aws:sagemaker:*:model-card/x", "arn:aws:sagemaker:us-east-1:1:model-card/x", False),
        ("arn:aws:sagemaker:*:*:model-card/x", "arn:aws:sagemaker:us-east-1:1:model-card/x", True),
        ("arn:aws:sagemaker:*:1:model-card/*", "arn:aws:sagemaker:us-east-1:1:model-card/x", True),
        # a dot is a dot
        ("arn:aws:s3:::a.b", "arn:aws:s3:::axb", False),
    ],
)
def test_arn_patterns(pattern: str, arn: str, *, matches: bool) -> None:
    assert arn_matches(pattern, arn) is matches


def test_actions_ignore_case() -> None:
    assert action_matches("SNS:Publish", "sns:Publish")
    assert action_matches("sagemaker:*ModelCard*", "sagemaker:ListModelCardVersions")
    assert not action_matches("sagemaker:DescribeModelCard", "sagemaker:DescribeModelCardExportJob")


ROLE = "arn:aws:iam::111122223333:role/path/Reader"


@pytest.mark.parametrize(
    ("element", "naming"),
    [
        ("*", Naming.ROLE),
        ({"AWS": "*"}, Naming.ROLE),
        ({"AWS": ROLE}, Naming.ROLE),
        ({"AWS": ROLE.replace("path/", "")}, Naming.NOT),
        ({"AWS": "arn:aws:sts::111122223333:assumed-role/Reader/now"}, Naming.SESSION),
        ({"AWS": "arn:aws:sts::111122223333:assumed-role/Reader/then"}, Naming.NOT),
        ({"AWS": ["222233334444", "111122223333"]}, Naming.ACCOUNT),
        ({"AWS": "arn:aws:iam::111122223333:root"}, Naming.ACCOUNT),
        ({"Service": "lambda.amazonaws.com"}, Naming.NOT),
    ],
)
def test_how_a_principal_element_names_a_session(element: Any, naming: Naming) -> None:
    assert parse_principals("p", element).naming(identity.session(ROLE, "now")) is naming


def test_the_root_user_is_named_by_its_account() -> None:
    assert parse_principals("p", {"AWS": "111122223333"}).naming(identity.root("111122223333")) is Naming.SESSION
