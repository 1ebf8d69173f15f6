"""The words of a filter: what a text is cut into before it is read, and how a mistake in one is said."""

import re
from dataclasses import dataclass

from stagegate.rules.filters.model import Operator

OPERATORS: dict[tuple[str, ...], tuple[Operator, bool]] = {
    ("===",): (Operator.EQUALS, True),
    ("==",): (Operator.EQUALS, True),
    ("equals",): (Operator.EQUALS, True),
    ("is",): (Operator.EQUALS, True),
    ("!==",): (Operator.EQUALS, False),
    ("!=",): (Operator.EQUALS, False),
    ("not", "equals"): (Operator.EQUALS, False),
    ("is", "not"): (Operator.EQUALS, False),
    ("in",): (Operator.IN, True),
    ("not", "in"): (Operator.IN, False),
    ("includes",): (Operator.INCLUDES, True),
    ("contains",): (Operator.INCLUDES, True),
    ("not", "includes"): (Operator.INCLUDES, False),
    ("not", "contains"): (Operator.INCLUDES, False),
    ("begins", "with"): (Operator.BEGINS_WITH, True),
    ("starts", "with"): (Operator.BEGINS_WITH, True),
    ("ends", "with"): (Operator.ENDS_WITH, True),
}
"""Every spelling of the SageMaker Python SDK: the operator, and whether it is meant as it stands (else negated)."""

RESERVED = frozenset(word for spelling in OPERATORS for word in spelling if word.isalpha()) - {"with"}
"""Words that in a value without quotes are more likely a mistake than meant."""

_WORD = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<symbol>===|==|!==|!=|[()\[\],])|(?P<plain>[^\s()\[\],"'=!]+))""",
)


class FilterError(ValueError):
    """A filter that can't be read: what was found, and where; and what is allowed there."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(f"found {found}; allowed: {allowed}")
        self.found = found
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a filter: its text without quotes, whether it had some, and the character (from 1) it starts at."""

    text: str
    at: int
    quoted: bool = False

    def is_one(self, *texts: str) -> bool:
        """Tell whether this is one of these words or signs, and not a quoted text that looks like one."""
        return not self.quoted and self.text.lower() in texts

    def __str__(self) -> str:
        return f'"{self.text}" at character {self.at}' if self.text else "its end"


def words_of(text: str) -> tuple[Word, ...]:
    """Cut a filter into its words, an empty one at its end. Raises FilterError for a sign that no word begins with."""
    words: list[Word] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _WORD.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise FilterError(*_odd(text[at], at + 1))
        quoted = found["quoted"]
        start = found.end() - len(found.group().lstrip())
        words.append(Word(quoted[1:-1] if quoted else found.group().strip(), start + 1, quoted is not None))
        at = found.end()
    return (*words, Word("", len(text) + 1))


def _odd(sign: str, at: int) -> tuple[str, str]:
    if sign in "\"'":
        return f"a quotation mark at character {at} without its other half", "quotes in pairs, \"…\" or '…'"
    return f'"{sign}" at character {at}', '"==" or "!="; a value with such a sign in quotes'
