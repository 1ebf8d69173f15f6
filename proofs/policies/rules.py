"""Rules: what a statement of a document, or an entry of a file of grants, says about requests. Both are read so."""

from dataclasses import dataclass

from proofs.policies.languages import Language


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a Principal element.

    `kind` is `everyone`, `account`, `principal` (a role's or user's ARN), `session` (of a role, by its STS ARN),
    `service`, or `nobody` (what is left of a deleted one).
    """

    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a rule names: one of these or, with `excludes`, everybody whom these don't leave out."""

    names: tuple[Name, ...]
    excludes: bool = False


@dataclass(frozen=True, slots=True)
class What:
    """An action or a resource: of one of these languages or, with `excludes`, of none."""

    languages: tuple[Language, ...]
    excludes: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """What is asked of the values of one condition key, whose name is in small letters.

    A value agrees if it is of one of the languages or, with `excludes`, of none. `quantifier` is `any`, `all` or, for a
    key with one value, empty. `absent` says what a request without the key gets. `opaque` stands for a comparison that
    isn't modelled: equal texts are the same comparison.
    """

    key: str
    languages: tuple[Language, ...] = ()
    excludes: bool = False
    quantifier: str = ""
    absent: bool = False
    opaque: str = ""
    names_caller: bool = False


Condition = tuple[Test, ...]
"""Alternatives: one of them has to hold."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`who` may (or may not) do what of `actions` is on `resources`, where all conditions hold. `who` is None in
    policies that belong to somebody, `resources` in those that belong to one resource. `closely`: whether the rule
    gives it to the principal itself (2) or as its account lets it (1); a document's own names say so (0).
    """

    allows: bool
    who: Who | None
    actions: What
    resources: What | None
    conditions: tuple[Condition, ...] = ()
    closely: int = 0
