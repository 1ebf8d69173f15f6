"""What stands on a resource: whose statements, which of their principals are dead, and what can't be kept."""

import json

import pytest

from stagegate.iam.read import DeadPrincipal, UnreadablePolicyError, read_policy
from stagegate.iam.statements import to_json
from tests.support.statements import DEV, document_of, grant, root_of

OURS = to_json(grant())
ROLE_ID, USER_ID = "AROAEXAMPLEEXAMPLE123", "AIDAEXAMPLEEXAMPLE123"


@pytest.mark.parametrize("sid", [None, "", "Backup", "StagegateReadOnly", 7, ["x"], {"a": 1}, True])
def test_whatever_has_no_sid_of_ours_is_foreign(sid: object) -> None:
    policy = read_policy(json.dumps({"Statement": [{"Sid": sid}, OURS, {"no": "sid"}, {"Sid": sid}]}))
    assert policy.foreign == ({"Sid": sid}, {"no": "sid"}, {"Sid": sid})
    assert policy.ours == (OURS,)


def test_a_single_statement_need_not_be_a_list() -> None:
    assert read_policy('{"Statement": {"Sid": "A"}}').foreign == ({"Sid": "A"},)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "isn't JSON"),
        ("not found", "found 'not found', which isn't JSON"),
        ("[]", "found '[]'; allowed: a JSON object with Statement"),
        ('"x"', "allowed: a JSON object with Statement"),
        ("{}", "found '{}'; allowed: a JSON object with Statement"),
        ('{"Statement": null}', "found statement 1: None; allowed: an object"),
        ('{"Statement": [{}, "x"]}', "found statement 2: 'x'; allowed: an object"),
        ('{"Statement": [{"Sid": "A", "Action": "a:b", "Sid": "B"}]}', "'Sid' stands twice in one object"),
        ('{"Statement": [], "x": NaN}', "NaN is no number"),
        ('{"Statement": [], "x": 1e999}', "1e999 is no number"),
        ('{"Statement": "' + "x" * 100, "xxx..., which isn't JSON"),
    ],
)
def test_what_is_no_policy_is_named(text: str, found: str) -> None:
    with pytest.raises(UnreadablePolicyError) as caught:
        read_policy(text)
    assert found in str(caught.value)


def test_a_deleted_principal_of_others_is_found_with_its_statement() -> None:
    text = document_of(
        {"Sid": "Team", "Principal": {"AWS": [root_of(DEV), ROLE_ID]}},
        {"NotPrincipal": {"AWS": USER_ID}},
        {**OURS, "Principal": {"AWS": ROLE_ID}},
        {"Sid": "Fine", "Principal": {"Service": ROLE_ID}, "Condition": {"StringLike": {"aws:userid": f"{ROLE_ID}:*"}}},
        {"Sid": "Key", "Principal": {"AWS": "AKIAEXAMPLEEXAMPLE123"}},
        {"Sid": "All", "Principal": "*"},
    )
    assert read_policy(text).dead == (
        DeadPrincipal(id=ROLE_ID, statement="Team"),
        DeadPrincipal(id=USER_ID, statement="#2"),
    )


def test_a_missing_policy_is_a_new_one_that_knows_variables() -> None:
    assert read_policy(None).has_variables
    assert not read_policy('{"Statement": []}').has_variables
    assert not read_policy('{"Version": "2008-10-17", "Statement": []}').has_variables


def test_a_session_of_a_role_that_was_deleted_is_dead_too() -> None:
    gone = f"{ROLE_ID}:ann@example.com"
    there = f"arn:aws:sts::{DEV}:assumed-role/Reader/ann@example.com"
    policy = read_policy(json.dumps({"Statement": [{"Sid": "Team", "Principal": {"AWS": [gone, there]}}]}))
    assert policy.dead == (DeadPrincipal(id=gone, statement="Team"),)
