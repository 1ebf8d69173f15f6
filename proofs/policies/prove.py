"""The proof: is there a request that a document answers differently from what it should?"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import z3

from proofs.policies import documents, grants
from proofs.policies.languages import NO_COLON, Language, NotModelledError, glob
from proofs.policies.meaning import IS_SERVICE, PRINCIPAL, RESOURCE, meaning_of
from proofs.policies.request import One, Request
from proofs.policies.rules import Rule
from proofs.policies.symbolic import Asked, Every

TIMEOUT = 20_000
"""Milliseconds for one question of a document. What takes longer is not proven."""
NOBODY = (IS_SERVICE, glob("arn:*:iam::*:root", NO_COLON, variables=False))
"""Principals that have no policy of their own."""


class Answer(StrEnum):
    """What a proof comes to."""

    PROVEN = "proven"
    """No request is answered differently."""
    DIFFERENT = "different"
    """There are requests that are, and here is one of each kind."""
    NOT_PROVEN = "not proven"
    """It says something that isn't modelled, or took too long."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A request that is answered differently, and how: `allows too much`, or `denies too little`."""

    how: str
    request: Request

    def to_json(self) -> dict[str, Any]:
        """Return it for people."""
        return {"how": self.how, "request": self.request.to_json()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one document, with its witnesses, or the reason why it isn't proven. `seconds` of the
    processor.
    """

    answer: Answer
    witnesses: tuple[Witness, ...] = ()
    reason: str = ""
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return it for people and programs."""
        return {
            "answer": str(self.answer),
            "witnesses": [each.to_json() for each in self.witnesses],
            "reason": self.reason,
            "milliseconds": round(1000 * self.seconds),
        }


def prove(document: str, wanted: dict[str, Any], timeout: int = TIMEOUT) -> Verdict:
    """Return whether a document gives and takes exactly what a file of grants says (`grants`)."""
    started = time.process_time()
    try:
        beside = wanted.get("beside")
        expected = (*grants.read(wanted), *(documents.read(json.dumps(beside)) if beside else ()))
        answer, witnesses, reason = compare(documents.read(document), expected, grants.about(wanted), timeout)
    except NotModelledError as error:
        answer, witnesses, reason = Answer.NOT_PROVEN, (), str(error)
    return Verdict(answer, witnesses, reason, time.process_time() - started)


def compare(
    found: Sequence[Rule], expected: Sequence[Rule], about: Sequence[Language] = (), timeout: int = TIMEOUT
) -> tuple[Answer, tuple[Witness, ...], str]:
    """Compare two sets of rules over all requests `about` some resources, or any. Raises NotModelledError.

    Policies that name nobody belong to a role or a user, or limit one: services and root users have none.
    """
    asked = Asked()
    for language in about:
        asked.of(RESOURCE, language)
    for language in NOBODY:
        asked.of(PRINCIPAL, language)
    for rules in (found, expected):
        meaning_of(rules, asked).effective(asked)
    every = Every(asked)
    facts = [*every.facts, *([every.either(every.of(RESOURCE, language) for language in about)] if about else [])]
    if all(rule.who is None for rule in (*found, *expected)):
        facts += [every.no(every.of(PRINCIPAL, language)) for language in NOBODY]
    left, right = meaning_of(found, every), meaning_of(expected, every)
    allowed = list(zip(left.effective(every), right.effective(every), strict=True))
    questions = {
        "allows too much": z3.Or([z3.And(mine, z3.Not(theirs)) for mine, theirs in allowed]),
        "allows too little": z3.Or([z3.And(theirs, z3.Not(mine)) for mine, theirs in allowed]),
        "denies too much": z3.And(left.denies, z3.Not(right.denies)),
        "denies too little": z3.And(right.denies, z3.Not(left.denies)),
    }
    witnesses: list[Witness] = []
    for how, question in questions.items():
        solver = z3.Solver()
        solver.set("timeout", timeout)
        solver.add(*facts, question)
        match solver.check():
            case z3.unsat:
                continue
            case z3.sat:
                witness = Witness(how, every.request(solver.model()))
                if not asked.opaques and not tells_apart(found, expected, witness):
                    raise AssertionError(f"{how}: {witness.request} is answered alike")
                witnesses.append(witness)
            case _:
                return Answer.NOT_PROVEN, (), f"{how}: {solver.reason_unknown()}"
    if witnesses and asked.opaques:
        return Answer.NOT_PROVEN, (), f"it may rest on {', '.join(asked.opaques)}"
    return (Answer.DIFFERENT if witnesses else Answer.PROVEN), tuple(witnesses), ""


def tells_apart(found: Sequence[Rule], expected: Sequence[Rule], witness: Witness) -> bool:
    """Tell whether a request is answered as the witness says, asked for itself and without z3."""
    one = One(witness.request)
    left, right = meaning_of(found, one), meaning_of(expected, one)
    allowed = list(zip(left.effective(one), right.effective(one), strict=True))
    return {
        "allows too much": any(mine and not theirs for mine, theirs in allowed),
        "allows too little": any(theirs and not mine for mine, theirs in allowed),
        "denies too much": left.denies and not right.denies,
        "denies too little": right.denies and not left.denies,
    }[witness.how]
