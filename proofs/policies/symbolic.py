"""All requests at once, as z3 knows them: each part of a request is one of its classes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import z3

from proofs.policies.classes import Class, classes_of
from proofs.policies.languages import (
    DIGITS,
    EVERYTHING,
    NAME,
    NO_COLON,
    WORD,
    Chars,
    Language,
    any_number,
    exactly,
    some,
)
from proofs.policies.meaning import ACTION, PRINCIPAL, RESOURCE, owner_of
from proofs.policies.request import Request

_ACCOUNT: Language = some(DIGITS)[:1] * 12
_PARTITION: Language = (*exactly("aws"), *any_number(Chars(frozenset("abcdefghijklmnopqrstuvwxyz-"))))
_OF_ACCOUNT: Language = (*exactly("arn:"), *_PARTITION, *exactly(":iam::"), *_ACCOUNT)
_DOTTED = Chars(WORD.chars | {"."})
_ARN: Language = (
    *exactly("arn:"),
    *_PARTITION,
    *exactly(":"),
    *some(WORD),
    *exactly(":"),
    *any_number(WORD),
    *exactly(":"),
    *any_number(WORD),
    *exactly(":"),
    *EVERYTHING,
)
_OWNED: Language = (
    *any_number(NO_COLON),
    *exactly(":"),
    *any_number(NO_COLON),
    *exactly(":"),
    *any_number(NO_COLON),
    *exactly(":"),
    *any_number(NO_COLON),
    *exactly(":"),
    *_ACCOUNT,
    *exactly(":"),
    *EVERYTHING,
)
_DOMAINS: dict[str, tuple[Language, ...]] = {
    PRINCIPAL: (
        (*_OF_ACCOUNT, *exactly(":role/"), *some(NAME)),
        (*_OF_ACCOUNT, *exactly(":user/"), *some(NAME)),
        (*_OF_ACCOUNT, *exactly(":root")),
        (*some(_DOTTED), *exactly(".amazonaws.com")),
        (*some(_DOTTED), *exactly(".amazonaws.com.cn")),
    ),
    ACTION: ((*some(WORD), *exactly(":"), *some(Chars(WORD.chars - {"-"}))),),
    RESOURCE: (_ARN, exactly("*")),
}
_ACCOUNTS: tuple[Language, ...] = (some(Chars(WORD.chars - {"-"})),)


@dataclass(slots=True)
class Asked:
    """A world that says nothing, and remembers what it was asked."""

    languages: dict[str, dict[Language, None]] = field(default_factory=lambda: defaultdict(dict))
    keys: dict[str, None] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    sessions: dict[str, None] = field(default_factory=dict)
    opaques: dict[str, None] = field(default_factory=dict)

    def of(self, part: str, language: Language) -> None:
        """Remember it."""
        self.languages[part][language] = None
        if owned := owner_of(part, language):
            self.languages[RESOURCE][owned] = None
            self.languages[RESOURCE][_OWNED] = None

    def is_there(self, key: str) -> None:
        """Remember it."""
        self.keys[key] = None

    def every(self, key: str, languages: tuple[Language, ...], *, excludes: bool) -> None:  # noqa: ARG002
        """Remember it."""
        self.several.add(key)
        self.languages[key] |= dict.fromkeys(languages)

    some = every

    def is_session(self, arn: str) -> None:
        """Remember it, and ask for the role."""
        self.sessions[arn] = None
        for role in _roles_of(arn):
            self.of(PRINCIPAL, role)

    def opaque(self, text: str) -> None:
        """Remember it."""
        self.opaques[text] = None

    def both(self, truths: Iterable[Any]) -> None:
        """Ask for all."""
        for _ in truths:
            pass

    either = both

    def no(self, truth: Any) -> None:
        """Nothing to remember."""


class Every:
    """The world of all requests, whose truths are z3's."""

    def __init__(self, asked: Asked) -> None:
        """Find the classes of each part that was asked about. Raises NotModelledError for too many."""
        self._asked = asked
        self._classes: dict[str, tuple[Class, ...]] = {}
        self._number = {part: {each: n for n, each in enumerate(found)} for part, found in asked.languages.items()}
        self._single: dict[str, Any] = {}
        self._present: dict[str, list[Any]] = {}
        self._there = {key: z3.Bool(f"there {key}") for key in asked.keys}
        self._known: dict[tuple[str, Language], Any] = {}
        self.facts: list[Any] = []
        for part in dict.fromkeys((*asked.languages, *asked.keys)):
            found = list(asked.languages.get(part, ()))
            owner = owner_of(part, EVERYTHING)
            domain = _DOMAINS.get(part) or (_ACCOUNTS if owner else (EVERYTHING,))
            self._classes[part] = classes_of(found, domain)
            self._introduce(part)
        for key in asked.languages:
            self._tie(key)
        self._tie_sessions()

    def of(self, part: str, language: Language) -> Any:
        """As `World`."""
        known = self._known.get((part, language))
        if known is None:
            number = self._number[part][language]
            classes = self._classes[part]
            agreeing = [n for n, each in enumerate(classes) if number in each.languages]
            if part in self._present:
                known = z3.Or([self._present[part][n] for n in agreeing])
            else:
                known = z3.Or([self._single[part] == n for n in agreeing])
            self._known[part, language] = known
        return known

    def is_there(self, key: str) -> Any:
        """As `World`."""
        return self._there[key]

    def every(self, key: str, languages: tuple[Language, ...], *, excludes: bool) -> Any:
        """As `World`."""
        return z3.And([z3.Not(self._present[key][n]) for n in self._agreeing(key, languages, excludes=not excludes)])

    def some(self, key: str, languages: tuple[Language, ...], *, excludes: bool) -> Any:
        """As `World`."""
        return z3.Or([self._present[key][n] for n in self._agreeing(key, languages, excludes=excludes)])

    def is_session(self, arn: str) -> Any:
        """As `World`."""
        return z3.Bool(f"session {arn}")

    def opaque(self, text: str) -> Any:
        """As `World`."""
        return z3.Bool(f"opaque {text}")

    def both(self, truths: Iterable[Any]) -> Any:
        """As `World`."""
        return z3.And(list(truths))

    def either(self, truths: Iterable[Any]) -> Any:
        """As `World`."""
        return z3.Or(list(truths))

    def no(self, truth: Any) -> Any:
        """As `World`."""
        return z3.Not(truth)

    def request(self, model: Any) -> Request:
        """Return the request that a model of z3's stands for: of each part the shortest of its class."""

        def is_true(truth: Any) -> bool:
            return bool(z3.is_true(model.eval(truth, model_completion=True)))

        def example(part: str, otherwise: str) -> str:
            if part not in self._single:
                return otherwise
            chosen: int = model.eval(self._single[part], model_completion=True).as_long()
            return self._classes[part][chosen].example

        resource = example(RESOURCE, "*")
        context: dict[str, tuple[str, ...]] = {}
        for key, there in self._there.items():
            if not is_true(there):
                continue
            if key in self._present:
                chosen = [n for n, each in enumerate(self._present[key]) if is_true(each)]
                context[key] = tuple(self._classes[key][n].example for n in chosen)
            else:
                owner = _owner_in(resource) if owner_of(key, EVERYTHING) else None
                context[key] = (owner or example(key, "x"),)
        return Request(
            principal=example(PRINCIPAL, "arn:aws:iam::000000000000:role/x"),
            action=example(ACTION, "x:x"),
            resource=resource,
            context=context,
            session=next((arn for arn in self._asked.sessions if is_true(self.is_session(arn))), None),
        )

    def _introduce(self, part: str) -> None:
        classes = self._classes[part]
        if part in self._asked.several:
            self._present[part] = [z3.Bool(f"{part} has {n}") for n in range(len(classes))]
            if part in self._there:
                self.facts.append(self._there[part] == z3.Or(self._present[part]))
            return
        self._single[part] = z3.Int(part)
        self.facts.append(z3.And(self._single[part] >= 0, self._single[part] < len(classes)))

    def _agreeing(self, key: str, languages: tuple[Language, ...], *, excludes: bool) -> list[int]:
        numbers = {self._number[key][each] for each in languages}
        return [n for n, each in enumerate(self._classes[key]) if bool(numbers & each.languages) != excludes]

    def _tie(self, key: str) -> None:
        """Whose a resource is, its ARN says where it has an account: the key says the same."""
        for language in self._asked.languages[key]:
            if owned := owner_of(key, language):
                known = z3.And(self.of(RESOURCE, _OWNED), self._there[key])
                self.facts.append(z3.Implies(known, self.of(key, language) == self.of(RESOURCE, owned)))

    def _tie_sessions(self) -> None:
        """A session is one of its role, and of no other session."""
        sessions = list(self._asked.sessions)
        for arn in sessions:
            self.facts.append(
                z3.Implies(self.is_session(arn), z3.Or([self.of(PRINCIPAL, each) for each in _roles_of(arn)]))
            )
        if len(sessions) > 1:
            self.facts.append(z3.AtMost(*[self.is_session(arn) for arn in sessions], 1))


def _roles_of(session: str) -> tuple[Language, ...]:
    """Return the ARNs of the role that a session may be of: STS leaves the role's path out."""
    partition, account, name = session.split(":")[1], session.split(":")[4], session.split("/")[1]
    home = exactly(f"arn:{partition}:iam::{account}:role/")
    return ((*home, *exactly(name)), (*home, *any_number(NAME), *exactly(f"/{name}")))


def _owner_in(resource: str) -> str | None:
    fields = resource.split(":")
    return fields[4] if len(fields) > 4 and len(fields[4]) == 12 and fields[4].isdigit() else None
