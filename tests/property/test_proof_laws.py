"""Laws of the prover: for single requests it says what the sandbox's evaluator says, and for all requests it has missed
none. Neither knows the other.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from proofs.policies import documents as read_documents
from proofs.policies.classes import classes_of
from proofs.policies.languages import EVERYTHING, arn_glob, exactly, glob, matches
from proofs.policies.meaning import meaning_of
from proofs.policies.prove import Answer, Verdict, prove
from proofs.policies.request import One, Request
from proofs.replay import Given
from proofs.replay import given as given_by_sandbox
from tests.property.proof_world import documents, near_pairs, requests

pytestmark = pytest.mark.slow

LAW = settings(max_examples=100, deadline=None)
PAIRS = settings(max_examples=30, deadline=None)
ASKED = 25

seeds = st.integers(0, 2**32)


def by_prover(document: str, request: Request, kind: str) -> Given:
    one = One(request)
    meaning = meaning_of(read_documents.read(document), one)
    closeness = sum(meaning.effective(one))
    return Given(min(closeness, 1) if kind == "identity" else closeness, bool(meaning.denies))


def agree(document: str, request: Request, kind: str) -> tuple[Given, Given]:
    """What both say, as far as they can be compared: a boundary, which the third question of closeness has, is in
    itself a reason for NotPrincipal to deny; and what a service gets, deny or not, is one answer.
    """
    mine, theirs = by_prover(document, request, kind), given_by_sandbox(document, kind, request)
    if request.principal.endswith(".amazonaws.com") and kind != "identity":
        return Given(mine.closeness, denied=False), theirs
    if "NotPrincipal" in document:
        return Given(min(mine.closeness, 2), mine.denied), Given(min(theirs.closeness, 2), theirs.denied)
    return mine, theirs


@LAW
@given(documents(), seeds)
def test_of_one_request_both_say_the_same_on_a_resource(document: str, seed: int) -> None:
    for request in requests(seed, ASKED):
        mine, theirs = agree(document, request, "resource")
        assert mine == theirs, request


@LAW
@given(documents(is_identity=True), seeds)
def test_of_one_request_both_say_the_same_of_an_identity(document: str, seed: int) -> None:
    for request in requests(seed, ASKED):
        if request.principal.startswith("arn:") and not request.principal.endswith(":root"):
            mine, theirs = agree(document, request, "identity")
            assert mine == theirs, request


def same(found: str, expected: str) -> Verdict:
    return prove(found, {"beside": json.loads(expected)})


@pytest.mark.parametrize("kind", ["resource", "identity"])
@PAIRS
@given(st.data())
def test_a_proof_holds_for_every_request_and_a_witness_is_one(kind: str, data: Any) -> None:
    before, after = data.draw(near_pairs(is_identity=kind == "identity"))
    verdict = same(after, before)
    assert verdict.answer is not Answer.NOT_PROVEN
    for request in requests(data.draw(seeds), ASKED):
        one = by_prover(before, request, "resource"), by_prover(after, request, "resource")
        assert verdict.answer is Answer.DIFFERENT or one[0] == one[1], request
    for witness in verdict.witnesses:
        is_person = not witness.request.principal.endswith((".amazonaws.com", ".amazonaws.com.cn", ":root"))
        if "NotPrincipal" not in before + after and is_person and ":user/" not in witness.request.principal:
            answers = [given_by_sandbox(document, kind, witness.request) for document in (before, after)]
            assert answers[0] != answers[1], witness


def test_the_law_of_proofs_is_not_empty() -> None:
    def comes_to(answer: Answer) -> Callable[[tuple[str, str]], bool]:
        return lambda pair: pair[0] != pair[1] and same(*pair).answer is answer

    few = settings(max_examples=100, deadline=None, phases=[Phase.generate])
    for answer in (Answer.PROVEN, Answer.DIFFERENT):
        find(near_pairs(), comes_to(answer), settings=few)


_pattern = st.text(alphabet="ab:*?/", max_size=8)


@LAW
@given(st.lists(st.tuples(_pattern, st.booleans()), min_size=1, max_size=5), st.text(alphabet="ab:/x", max_size=7))
def test_every_text_is_of_a_class_that_was_found(patterns: list[tuple[str, bool]], text: str) -> None:
    languages = [arn_glob(p) if is_arn else glob(p) for p, is_arn in patterns]
    found = {each.languages: each.example for each in classes_of(languages, [EVERYTHING])}
    of = frozenset(n for n, each in enumerate(languages) if matches(each, text))
    assert of in found
    for numbers, example in found.items():
        assert {n for n, each in enumerate(languages) if matches(each, example)} == numbers


def test_classes_stay_within_their_domain() -> None:
    found = classes_of([exactly("b")], [exactly("a"), exactly("c")])
    assert [(each.example, set(each.languages)) for each in found] == [("a", set())]
