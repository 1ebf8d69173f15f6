"""Languages: which strings a part of a policy means. All of them are regular: characters, sets of them, repetitions."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chars:
    """A set of characters: these, or with `excludes` all others."""

    chars: frozenset[str]
    excludes: bool = False

    def __contains__(self, char: str) -> bool:
        return (char in self.chars) != self.excludes


@dataclass(frozen=True, slots=True)
class Token:
    """One character of a set or, `repeated`, any number of them."""

    chars: Chars
    repeated: bool = False


Language = tuple[Token, ...]
"""The strings that the tokens match one after another."""

ANY = Chars(frozenset(), excludes=True)
NO_COLON = Chars(frozenset(":"), excludes=True)
EVERYTHING: Language = (Token(ANY, repeated=True),)

_LOWER = "abcdefghijklmnopqrstuvwxyz"
DIGITS = Chars(frozenset("0123456789"))
WORD = Chars(frozenset(f"{_LOWER}0123456789-"))
NAME = Chars(frozenset(f"{_LOWER}{_LOWER.upper()}0123456789_+=,.@-/"))

_ESCAPE = re.compile(r"\$\{([*?$])\}")
_PART = re.compile(r"\$\{([*?$])\}|(.)", re.DOTALL)


class NotModelledError(ValueError):
    """A document says what this prover knows no meaning for: it can't be proven, nor refuted."""


def exactly(text: str, *, ignoring_case: bool = False) -> Language:
    """Return the language of one text."""
    return tuple(Token(Chars(frozenset({c.lower(), c.upper()} if ignoring_case else {c}))) for c in text)


def starting(text: str) -> Language:
    """Return the language of all that starts with a text."""
    return (*exactly(text), *EVERYTHING)


def glob(pattern: str, wild: Chars = ANY, *, variables: bool = True) -> Language:
    """Return the language of a pattern: `*` stands for any number of characters of `wild`, `?` for one.

    With `variables`, `${*}` is an asterisk and no wildcard. Raises NotModelledError for any other variable.
    """
    if variables and "${" in _ESCAPE.sub("", pattern):
        raise NotModelledError(f"the policy variable in {pattern}")
    tokens: list[Token] = []
    for escaped, plain in _PART.findall(pattern) if variables else (("", c) for c in pattern):
        if plain == "*":
            tokens.append(Token(wild, repeated=True))
        elif plain == "?":
            tokens.append(Token(wild))
        else:
            tokens.append(Token(Chars(frozenset(escaped or plain))))
    return tuple(tokens)


def literal(value: str, *, variables: bool = True, ignoring_case: bool = False) -> Language:
    """Return the language of a value that is compared as a whole: wildcards are plain, escapes are resolved."""
    if not variables:
        return exactly(value, ignoring_case=ignoring_case)
    if "${" in _ESCAPE.sub("", value):
        raise NotModelledError(f"the policy variable in {value}")
    return exactly(_ESCAPE.sub(r"\1", value), ignoring_case=ignoring_case)


def arn_glob(pattern: str, *, variables: bool = True) -> Language:
    """Return the language of an ARN's pattern: no wildcard reaches over one of the first five colons, and missing
    fields are any ("IAM JSON policy elements: Resource", IAM user guide).
    """
    if pattern == "*":
        return EVERYTHING
    fields = pattern.split(":", 5)
    fields += ["*"] * (6 - len(fields))
    tokens: list[Token] = []
    for number, each in enumerate(fields):
        tokens += glob(each, ANY if number == 5 else NO_COLON, variables=variables)
        tokens += exactly(":") if number < 5 else ()
    return tuple(tokens)


def some(chars: Chars) -> Language:
    """Return the language of one or more characters of a set."""
    return (Token(chars), Token(chars, repeated=True))


def any_number(chars: Chars) -> Language:
    """Return the language of any number of characters of a set."""
    return (Token(chars, repeated=True),)


def matches(language: Language, text: str) -> bool:
    """Tell whether a text is of the language, by following it."""
    positions = _closed(language, {0})
    for char in text:
        positions = _closed(
            language,
            {
                at if language[at].repeated else at + 1
                for at in positions
                if at < len(language) and char in language[at].chars
            },
        )
    return len(language) in positions


def _closed(language: Language, positions: set[int]) -> set[int]:
    found = set(positions)
    for start in positions:
        at = start
        while at < len(language) and language[at].repeated:
            at += 1
            found.add(at)
    return found
