"""Policies as people have them: everybody but some, older grammars, other partitions, keys of ways not taken here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.authorization import Document, Kind, Policies, parse
from sandbox.kernel import identity
from tests.unit.sandbox.authorization.evaluator.cases import (
    ALLOW,
    CALLER,
    CARD,
    NARROW,
    OWNER,
    ROLE,
    WIDE,
    Case,
    resource_policy,
    statement,
)

SESSION, ROOT = CALLER.arn, f"arn:aws:iam::{OWNER}:root"
ALL_OF_THE_CALLER = [ROOT, ROLE, SESSION]


def denied_but(*principals: str) -> tuple[Document, ...]:
    raw = statement("Deny", NotPrincipal={"AWS": list(principals)})
    return (parse("p", Kind.RESOURCE, json.dumps({"Version": "2012-10-17", "Statement": [raw]})),)


def allowed(*documents: Document, context: Mapping[str, tuple[str, ...]] | None = None, **policies: Any) -> bool:
    return (
        Case(Policies(resource=documents, **{"identity": ALLOW, **policies}), context=dict(context or {}))
        .decide()
        .allowed
    )


class TestNotPrincipal:
    """A deny for all others leaves out whom it lists whole: the session, its role and the account."""

    def test_leaves_out_who_is_listed_whole(self) -> None:
        assert allowed(*denied_but(*ALL_OF_THE_CALLER))

    @pytest.mark.parametrize("missing", ALL_OF_THE_CALLER)
    def test_denies_who_is_listed_in_part(self, missing: str) -> None:
        assert not allowed(*denied_but(*(each for each in ALL_OF_THE_CALLER if each != missing)))

    def test_denies_everybody_with_a_boundary_whoever_is_listed(self) -> None:
        assert not allowed(*denied_but(*ALL_OF_THE_CALLER), boundary=WIDE)


class TestEveryoneByAnArn:
    """`Principal: "*"` with aws:PrincipalArn grants as the caller's own ARN does."""

    def named(self, operator: str = "ArnEquals") -> tuple[Document, ...]:
        return resource_policy("*", Condition={operator: {"aws:PrincipalArn": ROLE}})

    @pytest.mark.parametrize("limit", ["boundary", "session"])
    def test_isnt_limited_by_what_merely_lacks_an_allow(self, limit: str) -> None:
        context = {"aws:PrincipalArn": (ROLE,)}
        assert allowed(*self.named(), context=context, identity=(), **{limit: NARROW})
        assert not allowed(*resource_policy("*"), context=context, identity=(), **{limit: NARROW})

    def test_is_limited_by_an_explicit_deny(self) -> None:
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement("Deny"), statement(action="*")]})
        boundary = parse("b", Kind.BOUNDARY, text)
        assert not allowed(*self.named(), context={"aws:PrincipalArn": (ROLE,)}, identity=(), boundary=boundary)

    def test_names_nobody_by_whom_it_isnt(self) -> None:
        context = {"aws:PrincipalArn": (ROLE,)}
        assert not allowed(*self.named("ArnNotEquals"), context=context, identity=(), boundary=NARROW)


def test_dollars_and_braces_of_the_older_grammar_are_plain_text() -> None:
    def older(resource: str, version: str) -> bool:
        text = json.dumps({"Version": version, "Statement": [statement(resource=resource)]})
        return allowed(identity=(parse("p", Kind.IDENTITY, text),), context={"aws:PrincipalAccount": (OWNER,)})

    named = CARD.replace(OWNER, "${aws:PrincipalAccount}")
    assert older(named, "2012-10-17")
    assert not older(named, "2008-10-17")
    plain = Case(
        Policies(
            identity=(
                parse(
                    "p", Kind.IDENTITY, json.dumps({"Version": "2008-10-17", "Statement": [statement(resource=named)]})
                ),
            )
        ),
        resource=named,
    )
    assert plain.decide().allowed


@pytest.mark.parametrize(
    "principal",
    [
        {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
        {"AWS": "arn:aws-cn:iam::111122223333:root"},
        {"AWS": "arn:aws-us-gov:sts::111122223333:assumed-role/Reader/today"},
        {"Service": "sagemaker.amazonaws.com.cn"},
    ],
    ids=["a canonical user", "another partition", "a session of another", "a service of another"],
)
def test_who_is_nobody_here_is_read_and_let_in_nowhere(principal: dict[str, str]) -> None:
    assert not allowed(*resource_policy(principal), identity=())


@pytest.mark.parametrize("key", ["aws:SourceVpce", "aws:SourceVpc", "aws:CalledVia", "aws:MultiFactorAuthPresent"])
def test_keys_of_ways_that_no_request_takes_are_absent(key: str) -> None:
    deny = statement("Deny", Condition={"StringEquals": {key: "x"}})
    other = statement("Deny", Condition={"StringNotEquals": {key: "x"}})
    for raw, is_allowed in ((deny, True), (other, False)):
        text = json.dumps({"Version": "2012-10-17", "Statement": [{**raw, "Principal": "*"}]})
        assert allowed(parse("p", Kind.RESOURCE, text)) is is_allowed


def test_paths_in_the_organization_are_compared_one_by_one() -> None:
    context = {"aws:PrincipalOrgPaths": ("o-1/r-1/",)}
    within = resource_policy("*", Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}})
    assert allowed(*within, context=context, identity=())
    assert not allowed(*within, context={"aws:PrincipalOrgPaths": ("o-2/r-1/",)}, identity=())


def test_a_service_is_left_out_by_its_name() -> None:
    raw = statement("Deny", NotPrincipal={"Service": "events.amazonaws.com"})
    document = parse("p", Kind.RESOURCE, json.dumps({"Version": "2012-10-17", "Statement": [raw]}))
    service = resource_policy({"Service": ["events.amazonaws.com", "sns.amazonaws.com"]})
    for name, is_allowed in (("events", True), ("sns", False)):
        caller = identity.service(f"{name}.amazonaws.com", source_account=OWNER)
        case = Case(Policies(resource=(document, *service)), principal=caller)
        assert case.decide().allowed is is_allowed
