"""Whether others' statements refuse what ours allow: surely, perhaps, or not. An explicit deny wins ("Policy evaluation
logic", IAM user guide).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stagegate.iam.conditions import holds, pattern_in
from stagegate.iam.globs import Answer, Known, Pattern, all_of, any_of, arn_fits, fits, negated, pattern_of
from stagegate.iam.read import Policy, foreign_statements
from stagegate.iam.requests import Request
from stagegate.iam.statements import Effect

_ROOT = re.compile(r"(?:arn:[a-z-]+:iam::)?(?P<account>[0-9]{12})(?::root)?")
_SESSION = re.compile(r"arn:[a-z-]+:sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[^/]+)/.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a statement of somebody else does to some requests: which principals it surely refuses something, and which
    it may. `statement` is its Sid, or `#2` for the second of the document; `unknown` says what that depends on.
    """

    statement: str
    refused: frozenset[str]
    perhaps: frozenset[str]
    actions: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def refusals(policy: Policy, requests: Collection[Request]) -> tuple[Refusal, ...]:
    """Return the statements of others that refuse any of the requests, or may; those that do no harm are left out."""
    found = (
        _refusal(label, raw, requests, has_variables=policy.has_variables)
        for label, raw in foreign_statements(policy)
        if raw.get("Effect") == Effect.DENY
    )
    return tuple(refusal for refusal in found if refusal)


def public_statements(policy: Policy) -> tuple[str, ...]:
    """Return the labels of others' statements that let everybody in without a condition: with one a bucket's policy is
    public ("Blocking public access to your Amazon S3 storage", user guide; with a condition it depends).
    """
    return tuple(
        label
        for label, raw in foreign_statements(policy)
        if raw.get("Effect") == Effect.ALLOW and not raw.get("Condition") and _is_for_everybody(raw.get("Principal"))
    )


def _is_for_everybody(named: object) -> bool:
    return named == "*" or (isinstance(named, Mapping) and "*" in _texts(named.get("AWS")))


def locking_out(policy: Policy, request: Request) -> tuple[str, ...]:
    """Return the labels of others' denies that would refuse a request once its role had a permissions boundary, and
    don't surely refuse it without one.
    """
    bounded, free = replace(request, has_boundary=True), replace(request, has_boundary=False)
    return tuple(
        label
        for label, raw in foreign_statements(policy)
        if raw.get("Effect") == Effect.DENY
        and denies(raw, bounded, has_variables=policy.has_variables)[0] is Answer.YES
        and denies(raw, free, has_variables=policy.has_variables)[0] is not Answer.YES
    )


def _refusal(label: str, raw: Mapping[str, Any], requests: Iterable[Request], *, has_variables: bool) -> Refusal | None:
    refused: set[str] = set()
    perhaps: set[str] = set()
    actions: dict[Answer, set[str]] = {Answer.MAYBE: set(), Answer.YES: set()}
    unknown: dict[str, None] = {}
    for request in requests:
        answer, why = denies(raw, request, has_variables=has_variables)
        if answer is Answer.NO:
            continue
        (refused if answer is Answer.YES else perhaps).add(request.principal)
        actions[answer].add(request.action)
        unknown |= dict.fromkeys(why if answer is Answer.MAYBE else ())
    if not refused and not perhaps:
        return None
    return Refusal(
        statement=label,
        refused=frozenset(refused),
        perhaps=frozenset(perhaps - refused),
        actions=tuple(sorted(actions[Answer.YES] or actions[Answer.MAYBE])),
        unknown=tuple(unknown),
    )


def denies(raw: Mapping[str, Any], request: Request, *, has_variables: bool) -> tuple[Answer, tuple[str, ...]]:
    """Tell whether a Deny statement is about a request; and if nobody can tell, what that depends on."""
    who, on_what = _principal(raw, request), _resource(raw, request, has_variables=has_variables)
    condition = raw.get("Condition", {})
    if_, unknown = (
        holds(condition, request, has_variables=has_variables)
        if isinstance(condition, Mapping)
        else (Answer.MAYBE, ("its Condition",))
    )
    answer = all_of([who, _action(raw, request), on_what, if_])
    why = (
        *(("its NotPrincipal" if "NotPrincipal" in raw else "its Principal",) if who is Answer.MAYBE else ()),
        *(("its NotResource" if "NotResource" in raw else "its Resource",) if on_what is Answer.MAYBE else ()),
        *unknown,
    )
    return answer, why if answer is Answer.MAYBE else ()


def _action(raw: Mapping[str, Any], request: Request) -> Answer:
    asked = Known(request.action.lower())
    if "NotAction" in raw:
        return negated(any_of([fits(pattern_of(each.lower()), asked) for each in _texts(raw["NotAction"])]))
    return any_of([fits(pattern_of(each.lower()), asked) for each in _texts(raw.get("Action"))])


def _resource(raw: Mapping[str, Any], request: Request, *, has_variables: bool) -> Answer:
    """A statement without one is about what the policy is on, and so is everything in the policy of a repository."""
    element = "NotResource" if "NotResource" in raw else "Resource"
    if element not in raw or request.resource is None:
        return Answer.YES
    answers = [
        _on(pattern_in(each, request, has_variables=has_variables), request.resource) for each in _texts(raw[element])
    ]
    return negated(any_of(answers)) if element == "NotResource" else any_of(answers)


def _on(pattern: Pattern | None, resource: Known) -> Answer:
    return Answer.MAYBE if pattern is None else arn_fits(pattern, resource)


def _principal(raw: Mapping[str, Any], request: Request) -> Answer:
    if "NotPrincipal" in raw:
        return _unless(raw["NotPrincipal"], request)
    named = raw.get("Principal")
    if named == "*":
        return Answer.YES
    if not isinstance(named, Mapping):
        return Answer.MAYBE
    answers = [_names(each, request) for each in _texts(named.get("AWS"))]
    # An account by its canonical id: whose that is isn't to be seen here.
    return any_of([*answers, *([Answer.MAYBE] if "CanonicalUser" in named else [])])


def _names(principal: str, request: Request) -> Answer:
    if principal == "*" or principal == request.principal:
        return Answer.YES
    if (root := _ROOT.fullmatch(principal)) is not None:
        return Answer.YES if root["account"] == request.account else Answer.NO
    if request.is_whole_account:
        return Answer.MAYBE if f"::{request.account}:" in principal else Answer.NO
    return Answer.MAYBE if _is_session(principal, request) else Answer.NO


def _unless(named: object, request: Request) -> Answer:
    """Tell whether a Deny with NotPrincipal is about a request.

    It leaves out a session that it lists with its role and its account, all three ("AWS JSON policy elements:
    NotPrincipal", IAM user guide); and nobody who has a permissions boundary, whatever it lists ("Permissions
    boundaries for IAM entities"). Of a role that it lists sessions may still be refused, as nobody knows under which
    name it is taken; and whether an account that it lists stands for all of its roles, sources disagree about
    (docs/live.md).
    """
    if request.has_boundary:
        return Answer.YES
    listed = {"*"} if named == "*" else set(_texts(named.get("AWS"))) if isinstance(named, Mapping) else set()
    if "*" in listed:
        return Answer.MAYBE  # of those with a boundary that nobody knows of here
    is_near = any(each == request.account or f"::{request.account}:" in each for each in listed)
    is_whole = any((root := _ROOT.fullmatch(each)) and root["account"] == request.account for each in listed)
    is_listed = request.principal in listed or any(_is_session(each, request) for each in listed)
    return Answer.MAYBE if is_whole or is_listed or (request.is_whole_account and is_near) else Answer.YES


def _is_session(principal: str, request: Request) -> bool:
    found = _SESSION.fullmatch(principal)
    return (
        found is not None
        and found["account"] == request.account
        and found["role"] == request.principal.rpartition("/")[2]
    )


def _texts(value: object) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
