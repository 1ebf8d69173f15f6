"""Others' denies beside grants of ours that are for a folder, a whole account, a key or a repository. What each shape
of a deny does to one object is in tests/contract/test_foreign_denies.py.
"""

import json
from typing import Any

import pytest

from stagegate.iam.denies import refusals
from stagegate.iam.globs import Answer, Known, arn_fits, fits, pattern_of
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.read import read_policy
from stagegate.iam.requests import Place, requests_of, requests_of_use
from stagegate.iam.statements import Condition, Statement, exactly, statement_for
from tests.support.builders import DEV, PROD
from tests.support.denies import ORGANIZATION, PLACE, ROLE, ROOT
from tests.support.packages import BUCKET, KEY

NO, MAYBE, YES = Answer.NO, Answer.MAYBE, Answer.YES
AT = f"arn:aws:s3:::{BUCKET}"


def answer(deny: dict[str, Any], *requests: Any, version: str = "2012-10-17") -> Answer:
    statement = {"Effect": "Deny", "Principal": "*", **deny}
    found = refusals(read_policy(json.dumps({"Version": version, "Statement": statement})), requests)
    if not found:
        return NO
    (refusal,) = found
    assert refusal.statement == "#1"
    return YES if refusal.refused else MAYBE


def on(resource: str | None, action: str = "s3:GetObject", *conditions: Condition, roles: Any = (ROLE,)) -> Statement:
    resources = None if resource is None else [resource]
    return statement_for(PROD, roles, partition="aws", actions=[action], resources=resources, conditions=conditions)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (f"{AT}/*", YES),
        (f"{AT}/churn/*", YES),
        (f"{AT}/churn/3/*", YES),
        (f"{AT}/churn/3/model*", MAYBE),
        (f"{AT}/*.safetensors", MAYBE),
        (f"{AT}/*/secret/*", MAYBE),
        (f"{AT}/churn/3/model.tar.gz", MAYBE),
        (f"{AT}/churn/?/*", YES),
        (f"{AT}/churn/30/*", NO),
        (f"{AT}/churn", NO),
        (f"{AT}-2/*", NO),
        ("arn:aws:s3:::*", YES),
        ("*", YES),
    ],
)
def test_a_folder_is_refused_as_far_as_the_pattern_goes(pattern: str, expected: Answer) -> None:
    folder = requests_of(on(f"{AT}/churn/3/*"), PLACE)
    assert answer({"Action": "s3:GetObject", "Resource": pattern}, *folder) is expected
    opposite = {NO: YES, MAYBE: MAYBE, YES: NO}[expected]
    assert answer({"Action": "s3:GetObject", "NotResource": pattern}, *folder) is opposite


def test_a_key_with_a_star_in_it_is_that_key() -> None:
    starred = requests_of(on(f"{AT}/{exactly('churn/*')}"), PLACE)
    assert answer({"Action": "s3:*", "Resource": f"{AT}/churn/${{*}}"}, *starred) is YES
    assert answer({"Action": "s3:*", "Resource": f"{AT}/churn/3"}, *starred) is NO


@pytest.mark.parametrize(
    ("deny", "expected"),
    [
        ({"StringLike": {"s3:prefix": "churn/*"}}, YES),
        ({"StringLike": {"s3:prefix": "churn/3/x*"}}, MAYBE),
        ({"StringNotLike": {"s3:prefix": "churn/*"}}, NO),
        ({"StringEquals": {"s3:prefix": "fraud/"}}, NO),
        ({"Null": {"s3:prefix": "true"}}, NO),
        ({"NumericGreaterThan": {"s3:max-keys": "10"}}, MAYBE),
    ],
)
def test_what_our_own_condition_asks_for_is_known(deny: dict[str, Any], expected: Answer) -> None:
    prefix = Condition(operator="StringLike", key="s3:prefix", values=frozenset(["churn/3/*"]))
    listing = requests_of(on(AT, "s3:ListBucket", prefix), PLACE)
    assert answer({"Action": "s3:List*", "Resource": AT, "Condition": deny}, *listing) is expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ({"Principal": {"AWS": ROOT}}, YES),
        ({"Principal": {"AWS": ROLE}}, MAYBE),
        ({"Principal": {"AWS": f"arn:aws:iam::{DEV}:role/ModelOperator"}}, NO),
        ({"Principal": {"CanonicalUser": "f" * 64}}, MAYBE),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{PROD}:role/Model*"}}}, MAYBE),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{DEV}:role/*"}}}, NO),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": PROD}}}, NO),
        ({"Condition": {"StringEquals": {"aws:PrincipalType": "User"}}}, MAYBE),
    ],
)
def test_of_a_whole_account_somebody_may_be_refused(who: dict[str, Any], expected: Answer) -> None:
    everybody = requests_of(on(f"{AT}/x", roles=None), PLACE)
    assert answer({"Action": "s3:*", "Resource": "*", **who}, *everybody) is expected


@pytest.mark.parametrize(
    ("deny", "expected"),
    [
        ({"Action": "kms:Decrypt"}, YES),
        ({"Action": "kms:CreateGrant"}, NO),
        ({"Action": "kms:*", "Condition": {"StringNotEquals": {"kms:CallerAccount": [DEV, PROD]}}}, NO),
        ({"Action": "kms:*", "Condition": {"StringNotEquals": {"kms:CallerAccount": DEV}}}, YES),
        (
            {"Action": "kms:*", "Condition": {"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}},
            MAYBE,
        ),
        ({"Action": "kms:Decrypt", "Condition": {"StringEquals": {"kms:EncryptionContext:card": "churn"}}}, YES),
        ({"Action": "kms:Decrypt", "Condition": {"StringEquals": {"kms:EncryptionContext:card": "fraud"}}}, NO),
        ({"Action": "kms:Decrypt", "Condition": {"Null": {"s3:prefix": "true"}}}, YES),
        ({"Action": "kms:*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}}, NO),
        ({"Action": "kms:*", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}, YES),
    ],
)
def test_a_grant_on_a_key_is_denied_by_the_keys_policy(deny: dict[str, Any], expected: Answer) -> None:
    use = KeyUse(grantee=ROLE, context=(("card", "churn"),))
    assert answer({"Resource": "*", **deny}, *requests_of_use(use, KEY, PLACE)) is expected


def test_a_repositorys_policy_needs_no_resource() -> None:
    pull = requests_of(on(None, "ecr:BatchGetImage"), PLACE)
    assert answer({"Action": "ecr:*"}, *pull) is YES
    assert answer({"Action": "ecr:PutImage"}, *pull) is NO


def test_outside_an_organization_nobody_knows_what_a_condition_on_one_does() -> None:
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    alone = requests_of(on(f"{AT}/x"), Place(account=DEV, region="us-east-1"))
    assert answer({"Action": "s3:*", "Resource": "*", "Condition": condition}, *alone) is MAYBE


def test_which_region_a_bucket_is_in_is_not_known() -> None:
    condition = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
    object_ = requests_of(on(f"{AT}/x"), PLACE)
    assert answer({"Action": "s3:*", "Resource": "*", "Condition": condition}, *object_) is MAYBE


def test_a_statement_that_makes_no_sense_is_not_taken_for_harmless() -> None:
    object_ = requests_of(on(f"{AT}/x"), PLACE)
    for odd in (
        {"Condition": "never"},
        {"Condition": {"Strange:Operator!": {"aws:PrincipalArn": ROLE}}},
        {"Condition": {"BinaryEquals": {"aws:PrincipalArn": "eA=="}}},
        {"Principal": ["*"]},
    ):
        assert answer({"Action": "s3:*", "Resource": "*", **odd}, *object_) is MAYBE, odd


def test_an_allow_of_others_and_a_statement_of_ours_refuse_nothing() -> None:
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    assert answer(allow, *requests_of(on(f"{AT}/x"), PLACE)) is NO
    ours = {"Sid": "Stagegate0123456789", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    policy = read_policy(json.dumps({"Statement": ours}))
    assert refusals(policy, requests_of(on(f"{AT}/x"), PLACE)) == ()


@pytest.mark.parametrize(
    ("pattern", "known", "expected"),
    [
        ("*", Known(""), YES),
        ("a*c", Known("abc"), YES),
        ("a*c", Known("ab"), NO),
        ("a?", Known("a"), NO),
        ("a*", Known("ab", is_start=True), YES),
        ("ab", Known("a", is_start=True), MAYBE),
        ("b*", Known("a", is_start=True), NO),
        ("a**", Known("a", is_start=True), YES),
        ("a*b*", Known("a", is_start=True), MAYBE),
    ],
)
def test_patterns_fit_what_is_known(pattern: str, known: Known, expected: Answer) -> None:
    assert fits(pattern_of(pattern), known) is expected


def test_a_star_in_an_arn_stays_within_its_part() -> None:
    arn = Known("arn:aws:iam::444455556666:role/a/b")
    assert arn_fits(pattern_of("arn:aws:iam::*:role/*"), arn) is YES
    assert arn_fits(pattern_of("arn:aws:*:role/a/b"), arn) is NO
    assert arn_fits(pattern_of("arn:aws:iam"), arn) is YES
    assert arn_fits(pattern_of("*"), Known("x")) is YES
    assert arn_fits(pattern_of("arn:aws:iam::*"), Known("x")) is NO
