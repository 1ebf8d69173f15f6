"""A statement is valid by construction, and its Sid says that it is ours and what it says."""

from dataclasses import replace

import pytest

from sandbox.authorization import Kind, parse
from stagegate.core.errors import PermanentError
from stagegate.iam.read import statement_from
from stagegate.iam.statements import (
    Condition,
    Effect,
    Statement,
    StatementError,
    account_root_of,
    conditions_of,
    exactly,
    is_ours,
    sid_of,
    statement_for,
    to_json,
)
from tests.support.statements import BUCKET, DEV, PROD, document_of, grant, role_in, root_of


def test_a_grant_to_roles_names_their_account_and_asks_for_exactly_them() -> None:
    requested = conditions_of({"StringLike": {"s3:prefix": "churn/*"}})
    statement = statement_for(
        PROD,
        [role_in(PROD), role_in(PROD, "team/Serve")],
        partition="aws",
        actions=["s3:ListBucket"],
        resources=[BUCKET],
        conditions=requested,
    )
    assert to_json(statement) == {
        "Sid": sid_of(statement),
        "Effect": "Allow",
        "Principal": {"AWS": root_of(PROD)},
        "Action": "s3:ListBucket",
        "Resource": BUCKET,
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": [role_in(PROD), role_in(PROD, "team/Serve")]},
            "StringLike": {"s3:prefix": "churn/*"},
        },
    }


def test_a_grant_to_an_account_asks_for_nobody_in_it_and_a_repository_takes_no_resource() -> None:
    statement = statement_for(PROD, None, partition="aws-cn", actions=["ecr:BatchGetImage"], resources=None)
    assert to_json(statement) == {
        "Sid": sid_of(statement),
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws-cn:iam::{PROD}:root"},
        "Action": "ecr:BatchGetImage",
    }


@pytest.mark.parametrize(
    ("account", "roles", "found"),
    [
        (PROD, [], "not empty"),
        (PROD, [role_in(DEV)], f"found '{role_in(DEV)}'; allowed: roles of {PROD} in aws"),
        (PROD, [root_of(PROD)], "allowed: roles of"),
        (PROD, [f"arn:aws-cn:iam::{PROD}:role/Deploy"], "allowed: roles of"),
        (PROD, [f"{role_in(PROD)}*"], "no wildcard"),
        (PROD, [f"arn:aws:iam::{PROD}*:role/Deploy"], "no wildcard"),
        (PROD, ["AROAEXAMPLEEXAMPLE12"], "no wildcard"),
        ("4444", None, "found account '4444'; allowed: 12 digits"),
        (f"{PROD}*", None, "allowed: 12 digits"),
    ],
)
def test_who_is_never_wider_or_other_than_said(account: str, roles: list[str] | None, found: str) -> None:
    with pytest.raises(StatementError) as caught:
        statement_for(account, roles, partition="aws", actions=["s3:GetObject"], resources=[BUCKET])
    assert found in str(caught.value)


VALID = grant()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"principals": frozenset()}, "Principal: found"),
        ({"principals": frozenset(["*"])}, "no wildcard"),
        ({"principals": frozenset([PROD])}, "no wildcard"),
        ({"principals": frozenset([f"arn:aws:iam::{PROD}:root*"])}, "no wildcard"),
        ({"principals": frozenset([f"{role_in(PROD)}\n"])}, "no wildcard"),
        ({"principals": frozenset([role_in("\N{ARABIC-INDIC DIGIT ONE}" * 12)])}, "no wildcard"),
        ({"principals": frozenset(["arn:aws:iam::cloudfront:user/x"])}, "no wildcard"),
        ({"actions": frozenset()}, "Action: found"),
        ({"actions": "s3:GetObject"}, "allowed: a frozenset of strings"),
        ({"actions": frozenset(["*"])}, "found '*'; allowed: service:Name"),
        ({"actions": frozenset(["GetObject"])}, "allowed: service:Name"),
        ({"resources": frozenset()}, "Resource: found"),
        ({"resources": frozenset(["models/*"])}, "found 'models/*'; allowed: an ARN"),
        ({"conditions": conditions_of({"StringLike": {"s3:prefix": "a", "s3:PREFIX": "b"}})}, "a key once"),
    ],
)
def test_a_wrong_statement_names_the_element_and_what_was_found(changes: dict[str, object], found: str) -> None:
    with pytest.raises(StatementError) as caught:
        replace(VALID, **changes)  # type: ignore[arg-type]  # what mypy would find, callers without it get told
    assert found in str(caught.value)


@pytest.mark.parametrize(
    "nested",
    [
        {"Null": {"aws:RequestTag/x": "*"}},
        {"Null": {"aws:RequestTag/x": ["true", "false"]}},
        {"Null": {"aws:RequestTag/x": "True"}},
        {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{PROD}:role/Deploy-*"}},
        {"ArnLike": {"AWS:principalarn": "arn:aws:iam::*:role/Deploy"}},
        {"ArnEquals": {"aws:PrincipalArn": []}},
        {"StringLike": {"prefix": "a"}},
        {"String Like": {"s3:prefix": "a"}},
    ],
)
def test_a_wrong_condition_is_refused(nested: dict[str, dict[str, str | list[str]]]) -> None:
    with pytest.raises(StatementError):
        conditions_of(nested)


@pytest.mark.parametrize("value", ["true", "false"])
def test_null_asks_whether_a_key_is_there(value: str) -> None:
    expected = frozenset([Condition(operator="Null", key="aws:RequestTag/x", values=frozenset([value]))])
    assert conditions_of({"Null": {"aws:RequestTag/x": value}}) == expected


def test_the_error_is_permanent_and_a_value_error() -> None:
    assert issubclass(StatementError, PermanentError)
    assert issubclass(StatementError, ValueError)


def test_a_sid_depends_on_all_of_the_content_and_on_nothing_else() -> None:
    others = [
        grant(DEV),
        grant(PROD, "other"),
        grant(actions=["s3:GetObjectAcl"]),
        grant(roles=["Deploy"]),
        grant(effect=Effect.DENY),
        replace(VALID, resources=None),
    ]
    assert len({sid_of(each) for each in [VALID, *others]}) == 7
    assert sid_of(grant(PROD, "a", "b")) == sid_of(grant(PROD, "b", "a"))
    assert sid_of(VALID).isalnum()
    assert is_ours(sid_of(VALID))


@pytest.mark.parametrize(
    "sid",
    [
        None,
        "",
        7,
        ["Stagegate0123456789abcdef"],
        "Stagegate",
        "StagegateReadOnlyCards",
        "stagegate0123456789abcdef",
        "Stagegate0123456789ABCDEF",
        "Stagegate0123456789abcdef ",
        "xStagegate0123456789abcdef",
        "Stagegate012",
    ],
)
def test_every_other_sid_is_foreign(sid: object) -> None:
    assert not is_ours(sid)


def test_a_statement_is_read_back_as_it_was_written_and_the_evaluator_takes_it() -> None:
    for statement in (
        grant(PROD, "a", "b", roles=["Deploy", "team/Serve"], conditions={"Bool": {"aws:SecureTransport": "true"}}),
        grant(effect=Effect.DENY),
        Statement(principals=frozenset([role_in(PROD)]), actions=frozenset(["ecr:BatchGetImage"]), resources=None),
    ):
        assert statement_from(to_json(statement)) == statement
        assert parse("a policy", Kind.RESOURCE, document_of(statement)).statements[0].label == sid_of(statement)


@pytest.mark.parametrize(
    "edit",
    [
        {"NotAction": "s3:PutObject"},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": root_of(PROD), "Service": "s3.amazonaws.com"}},
        {"Principal": {"AWS": "AROAEXAMPLEEXAMPLE12"}},
        {"Effect": "allow"},
        {"Action": 7},
        {"Action": "*"},
        {"Condition": {"Bool": {"aws:SecureTransport": True}}},
        {"Condition": "none"},
        {"Condition": {"Bool": "aws:SecureTransport"}},
    ],
)
def test_a_statement_of_ours_that_we_would_not_write_is_not_read(edit: dict[str, object]) -> None:
    with pytest.raises(StatementError):
        statement_from({**to_json(VALID), **edit})


def test_a_name_with_special_characters_is_taken_to_the_letter() -> None:
    assert exactly("models/v*/what?/$5") == "models/v${*}/what${?}/${$}5"
    assert exactly("models/v1/") == "models/v1/"


def test_the_root_of_a_principal_is_its_accounts() -> None:
    assert account_root_of(role_in(PROD, "team/Serve")) == root_of(PROD)
    assert account_root_of(f"arn:aws-cn:sts::{PROD}:assumed-role/Deploy/today") == f"arn:aws-cn:iam::{PROD}:root"
    with pytest.raises(StatementError):
        account_root_of("AROAEXAMPLEEXAMPLE12")
