"""A small world of policies and requests for the prover: documents nearly say the same, requests nearly fit."""

import json
import random
from typing import Any

from hypothesis import strategies as st

from proofs.policies.request import Request

A, B, C = "111122223333", "222233334444", "333344445555"
_NAMES = ("Deploy", "team/Deploy", "Deploy-2")
_ROLES = tuple(f"arn:aws:iam::{account}:role/{name}" for account in (A, B) for name in _NAMES)
_SESSION = f"arn:aws:sts::{A}:assumed-role/Deploy/ann"
_PRINCIPALS = (*_ROLES, f"arn:aws:iam::{A}:root", f"arn:aws:iam::{B}:user/bob", f"arn:aws:iam::{C}:role/Deploy")
_ACTIONS = ("s3:GetObject", "s3:getobjectACL", "s3:ListBucket", "s3:PutObject")
_BUCKET = "arn:aws:s3:::models"
_KEYS = ("churn/1", "churn/", "churn", "churn-2/1", "v*", "v1", "Churn/1")
_MANY = "kms:EncryptionContextKeys"

_element = st.sampled_from
_flags = st.sampled_from(["true", "false"])
_NAMED = (*_ROLES, A, f"arn:aws:iam::{B}:root", f"arn:aws:iam::{B}:user/bob", _SESSION, "AROAEXAMPLEEXAMPLE1")


def _some(values: Any, most: int = 2) -> st.SearchStrategy[Any]:
    return st.lists(_element(values), min_size=1, max_size=most, unique=True)


_whom = st.one_of(
    st.just("*"),
    st.fixed_dictionaries({"AWS": _some(_NAMED)}),
    st.just({"Service": "bedrock.amazonaws.com"}),
)
_actions = _some(["s3:GetObject", "S3:get*", "s3:*", "*", "s3:ListBucket", "s3:GetObjectAc?", "iam:*"])
_resources = _some(
    [
        "*",
        _BUCKET,
        f"{_BUCKET}/*",
        f"{_BUCKET}/churn/*",
        f"{_BUCKET}/churn*",
        f"{_BUCKET}/chur?",
        "arn:aws:s3:*",
        "arn:*:s3:::models/churn/1",
        f"{_BUCKET}/v${{*}}",
        f"arn:aws:sagemaker:*:{A}:model-card/*",
    ]
)
_texts = _some(["churn/1", "churn/*", "*", "CHURN/1", "chur?", "v${*}", "v*", ""])
_operator = _element(
    [
        f"{operator}{more}"
        for operator in (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        )
        for more in ("", "IfExists")
    ]
)
_of_arns = _element(["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "ArnLikeIfExists", "ArnNotEqualsIfExists"])
_arns = _some([*_ROLES, f"arn:aws:iam::{A}:role/*", "arn:aws:iam::*:root", "arn:aws:iam", "*", f"arn:*::{B}:user/b?b"])
_conditions = st.one_of(
    st.just({}),
    st.builds(lambda o, v: {o: {"s3:prefix": v}}, _operator, _texts),
    st.builds(lambda o, v: {o: {"aws:PrincipalArn": v}}, _of_arns, _arns),
    st.builds(lambda o, v: {o: {"aws:SourceArn": v}}, _of_arns, _arns),
    st.builds(lambda q, o, v: {f"{q}:{o}": {_MANY: v}}, _element(["ForAnyValue", "ForAllValues"]), _operator, _texts),
    st.builds(lambda v: {"Null": {"s3:prefix": v}}, _flags),
    st.builds(lambda v: {"Null": {_MANY: v}}, _flags),
    st.builds(
        lambda o, v: {o: {"aws:SecureTransport": v}}, _element(["Bool", "BoolIfExists"]), _element(["true", "false"])
    ),
    st.builds(lambda o, v: {o: {"aws:ResourceAccount": v}}, _operator, _some([A, B, "1*", "*"])),
    st.builds(lambda o, v: {o: {"aws:PrincipalAccount": v}}, _operator, _some([A, B, "1*", "*"])),
)


@st.composite
def statements(draw: st.DrawFn, *, is_identity: bool = False) -> dict[str, Any]:
    """A statement of any elements."""
    effect = draw(_element(["Allow", "Allow", "Deny"]))
    made: dict[str, Any] = {"Effect": effect, draw(_element(["Action", "Action", "NotAction"])): draw(_actions)}
    if not is_identity:
        excludes = effect == "Deny" and draw(st.integers(0, 4)) == 0
        made["NotPrincipal" if excludes else "Principal"] = draw(_whom)
    made[draw(_element(["Resource", "Resource", "NotResource"]))] = draw(_resources)
    condition = {**draw(_conditions), **draw(_conditions)}
    return {**made, "Condition": condition} if condition else made


@st.composite
def documents(draw: st.DrawFn, *, is_identity: bool = False) -> str:
    """A document of a few statements."""
    listed = draw(st.lists(statements(is_identity=is_identity), min_size=1, max_size=3))
    return _written(listed)


@st.composite
def near_pairs(draw: st.DrawFn, *, is_identity: bool = False) -> tuple[str, str]:
    """Two documents that differ in one element at most, or in the order of what they say."""
    listed = draw(st.lists(statements(is_identity=is_identity), min_size=1, max_size=3))
    other, at = draw(statements(is_identity=is_identity)), draw(st.integers(0, len(listed) - 1))
    element = draw(_element(["Resource", "Action", "Principal", "Condition", "nothing"]))
    changed = dict(listed[at])
    if element in other and element in changed:
        changed[element] = other[element]
    return _written(listed), _written([*listed[at + 1 :], changed, *listed[:at]])


def _written(listed: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": listed})


def requests(seed: int, number: int) -> list[Request]:
    """Requests that are near what documents here speak of."""
    choose = random.Random(seed)  # noqa: S311  # a choice of examples, no secret
    return [_request(choose) for _ in range(number)]


def _request(choose: random.Random) -> Request:
    principal = choose.choice([*_PRINCIPALS, "bedrock.amazonaws.com", "lambda.amazonaws.com"])
    is_session = principal == f"arn:aws:iam::{A}:role/Deploy" and choose.random() < 0.5
    card = f"arn:aws:sagemaker:us-east-1:{A}:model-card/x"
    resource = choose.choice([_BUCKET, *(f"{_BUCKET}/{key}" for key in _KEYS), card])
    context: dict[str, tuple[str, ...]] = {
        "s3:prefix": choose.choice([(), *((key,) for key in (*_KEYS, ""))]),
        "aws:sourcearn": choose.choice([(), *((arn,) for arn in _PRINCIPALS)]),
        _MANY.lower(): tuple(choose.sample(_KEYS, choose.randint(0, 3))),
        "aws:securetransport": choose.choice([(), ("true",), ("false",)]),
        "aws:resourceaccount": choose.choice([(), (A,)] if resource == card else [(), (A,), (B,)]),
    }
    return Request(
        principal=principal,
        action=choose.choice(_ACTIONS),
        resource=resource,
        context={key: values for key, values in context.items() if values},
        session=_SESSION if is_session else None,
    )
