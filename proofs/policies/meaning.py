"""What a set of rules says about one request, in terms of what is asked of the request: written once, and read three
ways: to collect what is asked, to ask z3, and to answer for one request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from proofs.policies.languages import (
    ANY,
    EVERYTHING,
    NO_COLON,
    Language,
    Token,
    exactly,
    glob,
    matches,
)
from proofs.policies.rules import Name, Rule, Test, What, Who

PRINCIPAL, ACTION, RESOURCE = "principal", "action", "resource"
"""The parts of a request. All others are condition keys.

The principal is a role's or user's ARN, an account's root, or a service's name; a session is its role's request.
"""
CLOSENESS = (1, 2, 3)
"""How closely rules name the caller: 1 its account, 2 its role (or everyone), 3 itself, which nothing limits."""

_ACCOUNT_KEYS = ("aws:principalaccount", "kms:calleraccount")
_OWNER_KEYS = ("aws:resourceaccount", "s3:resourceaccount")
CALLER = "aws:principalarn"
SERVICE_CALLS = "aws:principalisawsservice"

IS_SERVICE: Language = glob("*.amazonaws.com*", NO_COLON, variables=False)


class World(Protocol):
    """Something that knows requests: one, all of them, or none yet. Its truths are its own (Any)."""

    def of(self, part: str, language: Language) -> Any:
        """Whether a part, or the one value of a key, is of a language; untrue where the key isn't there."""

    def is_there(self, key: str) -> Any:
        """Whether the request carries a key."""

    def every(self, key: str, languages: tuple[Language, ...], *, excludes: bool) -> Any:
        """Whether each value of a key is of one of these languages (`excludes`: of none)."""

    def some(self, key: str, languages: tuple[Language, ...], *, excludes: bool) -> Any:
        """Whether there is a value of a key that is of one of these languages (`excludes`: of none)."""

    def is_session(self, arn: str) -> Any:
        """Whether the caller is this very session of its role."""

    def opaque(self, text: str) -> Any:
        """A comparison that isn't modelled."""

    def both(self, truths: Iterable[Any]) -> Any:
        """All of these."""

    def either(self, truths: Iterable[Any]) -> Any:
        """One of these."""

    def no(self, truth: Any) -> Any:
        """The contrary."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What rules give a request, for each closeness that they at least give it with; and whether they deny it."""

    allows: tuple[Any, ...]
    denies: Any

    def effective(self, world: World) -> tuple[Any, ...]:
        """What is left of the allows behind the denies."""
        return tuple(world.both([allowed, world.no(self.denies)]) for allowed in self.allows)


def meaning_of(rules: Iterable[Rule], world: World) -> Meaning:
    """Return what the rules say together."""
    listed = list(rules)
    closely = [[_closely(rule, world, least) for rule in listed if rule.allows] for least in CLOSENESS]
    denied = [_applies(rule, world, _named(rule.who, world)) for rule in listed if not rule.allows]
    return Meaning(allows=tuple(world.either(each) for each in closely), denies=world.either(denied))


def _closely(rule: Rule, world: World, least: int) -> Any:
    if rule.closely and rule.who:
        names = world.either(
            world.both([_is(n, world), _is_close(n, world, rule.closely, least)]) for n in rule.who.names
        )
        return _applies(rule, world, names)
    if rule.who is None:
        return _applies(rule, world, world.both([]))
    # Everyone, limited to a caller by its ARN, is as that caller's own ARN ("AWS JSON policy elements: Principal").
    names_caller = any(test.names_caller for condition in rule.conditions for test in condition)
    found = []
    for name in rule.who.names:
        is_itself = names_caller and name.kind == "everyone"
        found.append(world.both([_is(name, world), _at_least(name, world, least, is_itself=is_itself)]))
    return _applies(rule, world, world.either(found))


def _is_close(name: Name, world: World, given: int, least: int) -> Any:
    """Whether a grant, which is `given` so closely, is at least so close: to a service it always is."""
    is_all = name.kind == "service" or given >= least
    root = _is_root(name, world) if name.kind == "account" else world.either([])
    return world.both([]) if is_all else root


def _at_least(name: Name, world: World, least: int, *, is_itself: bool) -> Any:
    """Whether a name names its caller at least so closely."""
    if name.kind == "account":
        return world.both([]) if least == 1 else _is_root(name, world)
    if name.kind in ("session", "service") or is_itself or least < 3:
        return world.both([])
    if name.kind == "principal" and ":user/" in name.text:
        return world.both([])
    return world.of(PRINCIPAL, IS_SERVICE) if name.kind == "everyone" else world.either([])


def _is_root(name: Name, world: World) -> Any:
    return world.of(PRINCIPAL, glob(f"arn:aws*:iam::{name.text}:root", variables=False))


def _named(who: Who | None, world: World) -> Any:
    if who is None:
        return world.both([])
    if not who.excludes:
        return world.either(_is(name, world) for name in who.names)
    return world.no(_left_out(who, world))


def _left_out(who: Who, world: World) -> Any:
    """NotPrincipal leaves a session out if it is listed with its role and its account, others if they are ("AWS JSON
    policy elements: NotPrincipal").
    """
    whole = {name.text for name in who.names if name.kind == "account"}
    listed = {name.text for name in who.names if name.kind == "principal"}
    found = [_is(name, world) for name in who.names if name.kind in ("service", "everyone")]
    found += [_is_root(name, world) for name in who.names if name.kind == "account"]
    for user in sorted(each for each in listed if ":user/" in each and each.split(":")[4] in whole):
        found.append(world.of(PRINCIPAL, exactly(user)))
    for session in (name.text for name in who.names if name.kind == "session"):
        account, role = session.split(":")[4], session.split("/")[1]
        if account in whole:
            roles = [world.of(PRINCIPAL, exactly(each)) for each in listed if _is_role(each, account, role)]
            found.append(world.both([world.is_session(session), world.either(roles)]))
    return world.either(found)


def _is_role(arn: str, account: str, name: str) -> bool:
    return f"::{account}:role/" in arn and arn.rsplit("/", 1)[1] == name


def _is(name: Name, world: World) -> Any:
    match name.kind:
        case "everyone":
            return world.both([])
        case "account":
            return world.of(PRINCIPAL, glob(f"arn:aws*:iam::{name.text}:*", variables=False))
        case "principal" | "service":
            return world.of(PRINCIPAL, exactly(name.text))
        case "session":
            return world.is_session(name.text)
    return world.either([])


def _applies(rule: Rule, world: World, named: Any) -> Any:
    parts = [named, _what(rule.actions, ACTION, world)]
    if rule.resources is not None:
        parts.append(_what(rule.resources, RESOURCE, world))
    parts += [world.either(_holds(test, world) for test in condition) for condition in rule.conditions]
    return world.both(parts)


def _what(what: What, part: str, world: World) -> Any:
    found = world.either(world.of(part, language) for language in what.languages)
    return world.no(found) if what.excludes else found


def _holds(test: Test, world: World) -> Any:
    there = _is_there(test.key, world)
    missing = world.no(there) if test.absent else world.either([])
    if test.opaque:
        return world.either([missing, world.both([there, world.opaque(test.opaque)])])
    return world.either([missing, world.both([there, _agrees(test, world)])])


def _agrees(test: Test, world: World) -> Any:
    if test.quantifier == "all":
        return world.every(test.key, test.languages, excludes=test.excludes)
    if test.quantifier == "any":
        return world.some(test.key, test.languages, excludes=test.excludes)
    found = world.either(_value(test.key, language, world) for language in test.languages)
    return world.no(found) if test.excludes else found


def _is_there(key: str, world: World) -> Any:
    """Who calls, every request says; of services it doesn't name an ARN or an account."""
    if key == CALLER or key in _ACCOUNT_KEYS:
        return world.no(world.of(PRINCIPAL, IS_SERVICE))
    return world.both([]) if key == SERVICE_CALLS else world.is_there(key)


def _value(key: str, language: Language, world: World) -> Any:
    """Whether a key's value is of a language, for keys that say what other parts of the request say in theirs."""
    if key == CALLER:
        return world.of(PRINCIPAL, language)
    if key in _ACCOUNT_KEYS:
        return world.of(PRINCIPAL, _with_account("arn:*:iam::", language))
    if key == SERVICE_CALLS:
        return world.either(
            world.of(PRINCIPAL, IS_SERVICE) if said == "true" else world.no(world.of(PRINCIPAL, IS_SERVICE))
            for said in ("true", "false")
            if matches(language, said)
        )
    return world.of(key, language)


def owner_of(key: str, language: Language) -> Language | None:
    """Return what an ARN looks like whose owner, as this key says it, is of a language; None for other keys."""
    return _with_account("arn:*:*:*:", language) if key in _OWNER_KEYS else None


def _with_account(start: str, language: Language) -> Language:
    """Return the ARNs with an account of a language. No account has a colon, so no wildcard needs to match one."""
    account = tuple(Token(NO_COLON, token.repeated) if token.chars == ANY else token for token in language)
    return (*glob(start, NO_COLON, variables=False), *account, *exactly(":"), *EVERYTHING)
