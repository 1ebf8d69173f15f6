"""A small world of grants, foreign statements and requests: grants overlap in it, and requests nearly match."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import strategies as st

from sandbox.authorization import Kind, Policies, Request, parse
from sandbox.authorization.evaluator.evaluate import evaluate
from sandbox.kernel import identity
from sandbox.services import authorizations
from stagegate.iam.statements import Effect, Statement, conditions_of, exactly, is_ours, statement_for
from tests.support.statements import BUCKET, DEV, OWNER, PROD, role_in, root_of

authorizations.register()  # the condition keys that requests may carry

OUTSIDER = "888800001111"
ACTIONS = ("s3:GetObject", "s3:GetObjectAcl", "s3:ListBucket")
RESOURCES = (BUCKET, f"{BUCKET}/churn/*", f"{BUCKET}/churn-2/*", f"{BUCKET}/fraud/m.tar", f"{BUCKET}/{exactly('v*')}")
_KEYS = "kms:EncryptionContextKeys"
CONDITIONS: tuple[dict[str, dict[str, str | list[str]]], ...] = (
    {"StringLike": {"s3:prefix": "churn/*"}},
    {"StringLike": {"s3:prefix": "fraud/*"}},
    {"StringNotLike": {"s3:prefix": "churn/*"}},
    {"StringNotLike": {"s3:prefix": "fraud/*"}},
    {"StringNotLike": {"s3:prefix": ["churn/*", "fraud/*"]}},
    {"StringEqualsIfExists": {"s3:prefix": ["churn/", "x"]}},
    {"StringEqualsIfExists": {"s3:prefix": "fraud/1"}},
    {"Null": {"s3:prefix": "true"}},
    {"Null": {"s3:prefix": "false"}},
    {"ForAllValues:StringEquals": {_KEYS: "one"}},
    {"ForAllValues:StringEquals": {_KEYS: "two"}},
    {"ForAllValues:StringEquals": {_KEYS: ["one", "two"]}},
    {"ForAnyValue:StringEquals": {_KEYS: "one"}},
    {"ForAnyValue:StringEquals": {_KEYS: "two"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-stagegate01"}, "StringLike": {"s3:prefix": "churn/*"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-stagegate01"}, "StringLike": {"s3:prefix": "fraud/*"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-other"}, "StringLike": {"s3:prefix": "fraud/*"}},
    {"ArnNotEquals": {"aws:PrincipalArn": role_in(PROD)}},
    {"ArnNotEquals": {"aws:PrincipalArn": role_in(DEV)}},
    {"ArnEquals": {"aws:PrincipalArn": role_in(PROD)}},
    {"ArnEquals": {"aws:PrincipalArn": [role_in(DEV), role_in(PROD, "Serve")]}},
)

_CALLERS = tuple(
    identity.session(role_in(account, name), "today")
    for account, name in product((OWNER, DEV, PROD, OUTSIDER), ("Deploy", "Serve", "team/Deploy", "Deploy-evil"))
)
_NAMES = (
    BUCKET,
    f"{BUCKET}x/churn/1",
    *(f"{BUCKET}/{key}" for key in ("churn/1", "churn-2/1", "churn", "fraud/m.tar", "fraud/m.tar2", "v*", "v1")),
)
_CONTEXTS = tuple(
    {key: values for key, values in pairs if values}
    for pairs in product(
        [("s3:prefix", p) for p in ((), ("churn/",), ("fraud/1",), ("x",))],
        [("aws:PrincipalOrgID", o) for o in ((), ("o-stagegate01",))],
        [(_KEYS, k) for k in ((), ("one",), ("one", "two"), ("three",))],
    )
)
_MAY_ALL = parse(
    "all",
    Kind.IDENTITY,
    json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
)


def requests(seed: int, number: int) -> Iterator[tuple[Request, Policies]]:
    """Requests of this world, and what else applies: callers may do everything by their own account, or nothing.

    In the bucket's own account the one without permissions is the one whom the document alone decides about.
    """
    choose = random.Random(seed)  # noqa: S311  # a choice of examples, no secret
    for _ in range(number):
        caller = choose.choice(_CALLERS)
        context = {**choose.choice(_CONTEXTS), "aws:PrincipalArn": (caller.role_arn or caller.arn,)}
        identity_allows = caller.account != OWNER or choose.random() < 0.3
        yield (
            Request(caller, choose.choice(ACTIONS), choose.choice(_NAMES), OWNER, context),
            Policies(identity=(_MAY_ALL,) if identity_allows else ()),
        )


def requests_in_every_context(action: str, name: str) -> Iterator[tuple[Request, Policies]]:
    """One action on one resource, by every caller who needs the document for it and in every context."""
    for caller, given in product(_CALLERS, _CONTEXTS):
        context = {**given, "aws:PrincipalArn": (caller.role_arn or caller.arn,)}
        policies = Policies(identity=() if caller.account == OWNER else (_MAY_ALL,))
        yield Request(caller, action, name, OWNER, context), policies


def answers(document: str, requested: Iterable[tuple[Request, Policies]]) -> list[bool]:
    """What the evaluator says to each request with this document on the bucket."""
    policy = parse("the document", Kind.RESOURCE, document)
    return [
        evaluate(request, Policies(identity=policies.identity, resource=(policy,))).allowed
        for request, policies in requested
    ]


def _some(values: Iterable[str], most: int) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(tuple(values)), min_size=1, max_size=most)


_conditions = st.one_of(st.just({}), st.sampled_from(CONDITIONS)).map(conditions_of)
_effects = st.sampled_from([Effect.ALLOW, Effect.ALLOW, Effect.ALLOW, Effect.DENY])


@st.composite
def grants(draw: st.DrawFn) -> Statement:
    """A grant as surfaces make it: to an account, or to exact roles of it."""
    account = draw(st.sampled_from([OWNER, DEV, PROD]))
    conditions = draw(_conditions)
    names = draw(st.one_of(st.none(), _some(("Deploy", "Serve", "team/Deploy"), 2)))
    if names and any(condition.operator == "ArnEquals" for condition in conditions):
        names = None
    return statement_for(
        account,
        names and [role_in(account, name) for name in names],
        partition="aws",
        actions=draw(_some(ACTIONS, 2)),
        resources=draw(_some(RESOURCES, 2)),
        conditions=conditions,
        effect=draw(_effects),
    )


_PRINCIPALS = (root_of(OWNER), root_of(DEV), root_of(PROD), role_in(PROD), role_in(DEV))
statements = st.one_of(
    grants(),
    st.builds(
        Statement,
        principals=_some(_PRINCIPALS, 3),
        actions=_some(ACTIONS, 2),
        resources=_some(RESOURCES, 2),
        conditions=_conditions,
        effect=_effects,
    ),
)
"""Grants, and statements with any mixture of principals and conditions, also such that nobody can meet."""


@st.composite
def wanted_statements(draw: st.DrawFn) -> list[Statement]:
    """Statements of which many differ from another one in one element only: those are what merging looks for."""
    made = draw(st.lists(statements, max_size=5))
    if made:
        for _ in range(draw(st.integers(0, 7))):
            other, alike = draw(statements), draw(st.sampled_from(made))
            element = draw(
                st.sampled_from(["conditions", "conditions", "principals", "actions", "resources", "effect"])
            )
            made.append(replace(alike, **{element: getattr(other, element)}))
    return made


wanted = wanted_statements()

_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)
_sids = st.one_of(
    st.sampled_from(["Backup", "", "StagegateReadOnly", "stagegate0123456789abcdef", None, 7, ["Backup"]]), _json
).filter(lambda sid: not is_ours(sid))
_names = st.one_of(st.sampled_from(["Effect", "Principal", "NotPrincipal", "Action", "Condition"]), st.text())
foreign = st.lists(
    st.builds(
        lambda body, sid: {k: v for k, v in body.items() if k != "Sid"} | sid,
        st.dictionaries(_names, _json, max_size=4),
        st.one_of(st.just({}), st.fixed_dictionaries({"Sid": _sids})),
    ),
    max_size=4,
)
"""What others write, and worse: any JSON objects, with Sids missing, doubled and of other types."""

tops = st.one_of(
    st.sampled_from([{}, {"Id": "x"}, {"Version": "2012-10-17"}]),
    st.dictionaries(st.text().filter(lambda name: name != "Statement"), _json, max_size=2),
)


@st.composite
def documents(draw: st.DrawFn, ours: st.SearchStrategy[list[dict[str, Any]]]) -> tuple[str, dict[str, Any], list[Any]]:
    """A document on a resource, its top, and its foreign statements in order, with statements of ours in between."""
    others, top = draw(foreign), draw(tops)
    mixed: list[Any] = list(others)
    for each in draw(ours):
        mixed.insert(draw(st.integers(0, len(mixed))), each)
    top = {**top, "Version": "2012-10-17"}
    return json.dumps({**top, "Statement": mixed}), top, others
