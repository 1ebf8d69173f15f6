"""Reads a filter of governance.toml.

The operators are spelled as in the SageMaker Python SDK; here one text takes several comparisons, with `and`, `or`,
`not` and parentheses. What the SDK reads as something else than it looks like is an error: a field that nobody has, an
operator that the field's kind doesn't take, a second operator, `in` without a list.

    filter     := anded ("or" anded)*                 NOT binds closest, then AND, then OR
    anded      := negated ("and" negated)*
    negated    := "not" negated | "(" filter ")" | "true" | "false" | comparison
    comparison := FIELD OPERATOR value
    value      := WORDS | "'" TEXT "'" | '"' TEXT '"'    for in and not in: "[" value ("," value)* "]"
"""

import difflib
from dataclasses import dataclass

from stagegate.rules.filters.fields import FIELDS, Field, Kind
from stagegate.rules.filters.model import AllOf, Always, AnyOf, Compared, Filter, Negated, Operator, Truth
from stagegate.rules.filters.words import OPERATORS, RESERVED, FilterError, Word, words_of

_OF_KIND = {
    Kind.TEXT: tuple(Operator),
    Kind.SWITCH: (Operator.EQUALS,),
    Kind.LIST: (Operator.INCLUDES,),
}
_NOT_OF_HUBS = ("inference_vulnerable", "training_vulnerable", "spec_key", "min_version", "hosting_eula_key")
"""Fields of the SDK's own manifests and specifications: no hub has them."""


def parse(text: str) -> Filter:
    """Return the filter that a text states. Raises FilterError: what was found, where, and what is allowed."""
    reader = _Reader(words_of(text))
    found = reader.filter()
    if not reader.is_at_end:
        raise FilterError(str(reader.word), '"and" or "or" and a further comparison, or the end')
    return found


@dataclass(slots=True)
class _Reader:
    """Goes through the words once, from the left."""

    words: tuple[Word, ...]
    at: int = 0

    @property
    def word(self) -> Word:
        return self.words[self.at]

    @property
    def is_at_end(self) -> bool:
        return self.at == len(self.words) - 1

    def take(self) -> Word:
        word = self.word
        self.at += not self.is_at_end
        return word

    def filter(self) -> Filter:
        parts = [self.anded()]
        while self.word.is_one("or"):
            self.take()
            parts.append(self.anded())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def anded(self) -> Filter:
        parts = [self.negated()]
        while self.word.is_one("and"):
            self.take()
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def negated(self) -> Filter:
        if self.word.is_one("not"):
            self.take()
            return Negated(self.negated())
        if self.word.is_one("("):
            self.take()
            inner = self.filter()
            if not self.word.is_one(")"):
                raise FilterError(str(self.word), '"and", "or" or the closing ")"')
            self.take()
            return inner
        if self.word.is_one("true", "false"):
            return Always(Truth(self.take().text.lower()))
        return self.comparison()

    def comparison(self) -> Filter:
        field = _field(self.take())
        operator, is_meant = self.operator()
        if operator not in _OF_KIND[field.kind]:
            raise FilterError(
                f'"{operator}" for {field.name}, which is {field.kind}',
                " or ".join(f'"{each}"' for each in _OF_KIND[field.kind]),
            )
        values = self.several() if operator is Operator.IN else (self.value(),)
        compared = Compared(field, operator, tuple(_checked(field, value) for value in values))
        return compared if is_meant else Negated(compared)

    def operator(self) -> tuple[Operator, bool]:
        """Take the longest operator that stands here."""
        here = tuple("" if word.quoted else word.text.lower() for word in self.words[self.at : self.at + 2])
        for size in (2, 1):
            if here[:size] in OPERATORS:
                self.at += size
                return OPERATORS[here[:size]]
        if here[:1] == ("not",):
            raise FilterError(f"{self.word}, which negates no such operator", "not (FIELD OPERATOR value)")
        raise FilterError(
            str(self.word), "an operator: ==, !=, in, not in, includes, not includes, begins with, ends with"
        )

    def several(self) -> tuple[str, ...]:
        if not self.word.is_one("["):
            raise FilterError(str(self.word), 'a list: "[", values with "," between them, "]"')
        self.take()
        values = [self.value()]
        while self.word.is_one(","):
            self.take()
            values.append(self.value())
        if not self.word.is_one("]"):
            raise FilterError(str(self.word), '"," and a further value, or "]"')
        self.take()
        return tuple(values)

    def value(self) -> str:
        """Take a quoted text, or all words up to what ends a value."""
        first = self.word
        if first.quoted:
            return self.take().text
        taken: list[str] = []
        while not self.is_at_end and not self.word.is_one("and", "or", "(", ")", "[", "]", ","):
            if self.word.quoted or self.word.is_one(*RESERVED, "==", "===", "!=", "!=="):
                raise FilterError(f"{self.word} in a value", "one operator in a comparison; such words in quotes")
            taken.append(self.take().text)
        if not taken:
            raise FilterError(str(self.word), "a value")
        return " ".join(taken)


def _field(word: Word) -> Field:
    if not word.quoted and word.text in FIELDS:
        return FIELDS[word.text]
    if word.text in _NOT_OF_HUBS:
        raise FilterError(f"{word}, which no hub says of a model", f"one of {', '.join(FIELDS)}")
    near = difflib.get_close_matches(word.text.lower(), FIELDS, n=1)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    raise FilterError(str(word), f"one of {', '.join(FIELDS)}{hint}")


def _checked(field: Field, value: str) -> str:
    """Return a value as it is compared. Raises FilterError for what the field can never be."""
    if field.kind is not Kind.SWITCH:
        if not value:
            raise FilterError(f"an empty value for {field.name}", "what it is to be compared with")
        return value
    if value.lower() not in ("true", "false"):
        raise FilterError(f'"{value}" for {field.name}', '"true" or "false"')
    return value.lower()
