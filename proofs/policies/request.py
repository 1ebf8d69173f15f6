"""Requests: one of them, to be answered for itself; and what of it a person has to see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from proofs.policies.languages import Language, NotModelledError, matches
from proofs.policies.meaning import ACTION, PRINCIPAL, RESOURCE


@dataclass(frozen=True, slots=True)
class Request:
    """`principal` is a role's or user's ARN, an account's root, or a service's name, and `session` a role's session's
    ARN where it matters which. `context` has condition keys in small letters with their values.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    session: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the request for people."""
        context = {key: list(values) for key, values in sorted(self.context.items())}
        said = {"principal": self.principal, "action": self.action, "resource": self.resource, "context": context}
        return said | ({"session": self.session} if self.session else {})


@dataclass(frozen=True, slots=True)
class One:
    """The world of one request, whose truths are Python's. A key that is asked for one value has one."""

    request: Request

    def of(self, part: str, language: Language) -> bool:
        """As `World`."""
        return any(matches(language, value) for value in self._values(part))

    def is_there(self, key: str) -> bool:
        """As `World`."""
        return key in self.request.context

    def every(self, key: str, languages: tuple[Language, ...], *, excludes: bool) -> bool:
        """As `World`."""
        return all(any(matches(each, value) for each in languages) != excludes for value in self._values(key))

    def some(self, key: str, languages: tuple[Language, ...], *, excludes: bool) -> bool:
        """As `World`."""
        return any(any(matches(each, value) for each in languages) != excludes for value in self._values(key))

    def is_session(self, arn: str) -> bool:
        """As `World`."""
        return self.request.session == arn

    def opaque(self, text: str) -> bool:
        """As `World`: nobody knows."""
        raise NotModelledError(text)

    def both(self, truths: Iterable[bool]) -> bool:
        """As `World`."""
        return all(truths)

    def either(self, truths: Iterable[bool]) -> bool:
        """As `World`."""
        return any(truths)

    def no(self, truth: bool) -> bool:  # noqa: FBT001  # a truth is what this is about
        """As `World`."""
        return not truth

    def _values(self, part: str) -> tuple[str, ...]:
        request = self.request
        parts = {PRINCIPAL: request.principal, ACTION: request.action.lower(), RESOURCE: request.resource}
        return (parts[part],) if part in parts else request.context.get(part, ())
