"""Classes: what a policy can tell apart. There are as many strings as one likes, and few that it treats differently.

All that policies ask of one part of a request is whether it is of some languages. Two strings that are of the same ones
get the same answers from every policy that asks for nothing else, so it is enough to look at one string of each class.
`classes_of` finds every class, and a shortest string of each: it follows all languages at once, character by character,
through every situation that any string leads to (the product of their automata). There are finitely many, so the search
ends, and it has missed none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proofs.policies.languages import Language, NotModelledError

MOST = 100_000
"""Situations, beyond which a document isn't proven."""
_SINGLE = 2
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
_ELSE = "\u00e9\u00e8\u00ea\u4e2d\u6587\u0416"


@dataclass(frozen=True, slots=True)
class Class:
    """Strings that are of exactly these languages (by number), and the shortest of them."""

    languages: frozenset[int]
    example: str


def classes_of(languages: Sequence[Language], domain: Sequence[Language]) -> tuple[Class, ...]:
    """Return every class of the strings that are of some language of the domain. Raises NotModelledError for too many
    situations.
    """
    product = _Product(languages, domain)
    found: dict[frozenset[int], str] = {}
    seen = {product.start}
    wave = [(product.start, "")]
    while wave:
        following: list[tuple[frozenset[int], str]] = []
        for state, text in wave:
            if (accepted := product.accepted(state)) is not None:
                found.setdefault(accepted, text)
            for char, after in product.steps(state):
                if after not in seen:
                    seen.add(after)
                    following.append((after, text + char))
        if len(seen) > MOST:
            raise NotModelledError(f"more than {MOST} situations")
        wave = following
    return tuple(Class(languages=accepted, example=text) for accepted, text in found.items())


class _Product:
    """All languages side by side. A position is a number: a token of a language, or the end of one."""

    def __init__(self, languages: Sequence[Language], domain: Sequence[Language]) -> None:
        self._tokens = [token for language in (*languages, *domain) for token in (*language, None)]
        self._ends: dict[int, int] = {}
        starts: list[int] = []
        at = 0
        for number, language in enumerate((*languages, *domain)):
            starts.append(at)
            at += len(language) + 1
            self._ends[at - 1] = number if number < len(languages) else -1
        self._domain_from = starts[len(languages)]
        self._closure = [self._closed(each) for each in range(at)]
        self.start = frozenset(p for s in starts for p in self._closure[s])
        self._groups = self._grouped()

    def accepted(self, state: frozenset[int]) -> frozenset[int] | None:
        """Return the languages that end here, None where the domain doesn't."""
        ended = {self._ends[at] for at in state if at in self._ends}
        return frozenset(ended - {-1}) if -1 in ended else None

    def steps(self, state: frozenset[int]) -> Iterator[tuple[str, frozenset[int]]]:
        """Yield a character of each kind that matters here, with the situation that it leads to."""
        tokens = [(at, token) for at in state if (token := self._tokens[at]) is not None]
        singles = {
            c
            for _, token in tokens
            if not token.chars.excludes and len(token.chars.chars) <= _SINGLE
            for c in token.chars.chars
        }
        others = [next((c for c in group if c not in singles), None) for group in self._groups]
        for char in (*(each for each in others if each is not None), *sorted(singles)):
            after = frozenset(
                p
                for at, token in tokens
                if char in token.chars
                for p in self._closure[at if token.repeated else at + 1]
            )
            if any(p >= self._domain_from for p in after):
                yield char, after

    def _closed(self, at: int) -> tuple[int, ...]:
        found = [at]
        while (token := self._tokens[at]) is not None and token.repeated:
            at += 1
            found.append(at)
        return tuple(found)

    def _grouped(self) -> list[str]:
        """Return the characters in groups: those of one group are of the same larger sets."""
        sets = {t.chars for t in self._tokens if t is not None}
        larger = [each for each in sets if each.excludes or len(each.chars) > _SINGLE]
        alphabet = dict.fromkeys("xaX1/:" + _PRINTABLE + _ELSE + "".join(sorted({c for s in sets for c in s.chars})))
        groups: dict[tuple[bool, ...], list[str]] = {}
        for char in alphabet:
            groups.setdefault(tuple(char in each for each in larger), []).append(char)
        return ["".join(group) for group in groups.values()]
