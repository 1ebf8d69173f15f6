"""Every guardrail's table of requests by two evaluators that know nothing of each other, and what was published."""

from functools import cache

from tests.contract.guardrail_cases import guardrail_cases
from tests.support.evaluators import ours, theirs
from tests.support.generated import Case
from tests.support.numbers import stated

REFUSED = {
    ("bedrock:CreateModelCustomizationJob", "a tuning job"): "AWS's reference lists no such resource of it",
    ("bedrock:InvokeModel", "Claude anywhere"): "the model without a Region is in Bedrock's guide to global profiles",
}
"""Requests that the simulator doesn't judge, and why that is right."""


@cache
def judged() -> tuple[tuple[str, Case, str], ...]:
    """Every case by the name of its document, with the simulator's answer."""
    cases = tuple(guardrail_cases())
    answers = theirs([requested for _, (_, requested, _) in cases])
    return tuple((name, case, answer) for (name, case), answer in zip(cases, answers, strict=True))


def test_both_give_every_answer_that_is_expected() -> None:
    wrong = [
        (name, how, ours(requested), answer, expected)
        for name, (how, requested, expected), answer in judged()
        if not (ours(requested) == expected == answer or (answer.startswith("error") and ours(requested) == expected))
    ]
    assert wrong == []


def test_the_numbers_page_says_how_many_there_are() -> None:
    documents = {name for name, _, _ in judged()}
    assert stated(r"Guardrails have (\d+) requests more, for (\d+) documents") == (len(judged()), len(documents))


def test_what_the_simulator_does_not_judge_is_explained_and_nothing_else_is() -> None:
    refused = {(requested.action, how) for _, (how, requested, _), answer in judged() if answer.startswith("error")}
    assert refused == set(REFUSED)
