"""What other teams' denies do to grants of ours: the product's answers, beside those of two evaluators that know
nothing of it.

An answer that says for sure has to be that of both. One that says "perhaps" has to be right to: both refuse the request
in the one circumstance, and allow it in the other; or they disagree.
"""

import json
from functools import cache

import pytest

from stagegate.iam.denies import refusals
from stagegate.iam.read import read_policy
from stagegate.iam.requests import Place, requests_of
from stagegate.iam.statements import Statement, statement_for, to_json
from tests.support.builders import DEV, PROD
from tests.support.denies import MAYBE, NO, OBJECT, ORGANIZATION, PLACE, ROLE, SHAPES, YES, Shape
from tests.support.evaluators import ALLOWED, DENIED, EVERYTHING, Question, ours, theirs

ALWAYS = {
    "aws:SecureTransport": "true",
    "aws:PrincipalOrgID": ORGANIZATION,
    "aws:PrincipalOrgPaths": [f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"],
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalType": "AssumedRole",
}
"""What each request of a role carries."""


def grant() -> Statement:
    return statement_for(PROD, [ROLE], partition="aws", actions=["s3:GetObject"], resources=[OBJECT])


def policy(shape: Shape) -> str:
    allow = {**to_json(grant()), "Sid": "Stagegate0123456789"}
    return json.dumps({"Version": shape.version, "Statement": [shape.deny, allow]})


def answer_of(shape: Shape) -> tuple[object, tuple[str, ...]]:
    bounded = Place(account=DEV, region="us-east-1", organization=ORGANIZATION, bounded=frozenset({ROLE}))
    place = bounded if shape.bounded else PLACE
    found = refusals(read_policy(policy(shape)), requests_of(grant(), place))
    if not found:
        return NO, ()
    (refusal,) = found
    assert refusal.statement == "Theirs"
    return (YES, ()) if refusal.refused else (MAYBE, refusal.unknown)


def questions() -> list[tuple[Shape, Question, str]]:
    """Each shape, with what has to be answered in which circumstances."""
    found = []
    for shape in SHAPES:
        refused, passed = shape.answer in (YES, MAYBE), shape.answer in (NO, MAYBE)
        for asked, context, session, expected in (
            (refused, shape.refuses, shape.session[0], DENIED),
            (passed, shape.passes, shape.session[1], ALLOWED),
        ):
            if asked and not (shape.is_disputed and expected == ALLOWED):
                question = Question(
                    role=ROLE,
                    action="s3:GetObject",
                    resource=OBJECT,
                    account=DEV,
                    context={**ALWAYS, **context},
                    resource_policy=policy(shape),
                    boundary=EVERYTHING if shape.bounded else None,
                    session_name=session,
                )
                found.append((shape, question, expected))
    return found


@cache
def answers_of_theirs() -> dict[tuple[str, str], str]:
    judged = [(shape, question, expected) for shape, question, expected in questions() if shape.is_judged]
    found = theirs([question for _, question, _ in judged])
    return {(shape.name, expected): answer for (shape, _, expected), answer in zip(judged, found, strict=True)}


def test_there_are_enough_shapes() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) >= 25
    assert {shape.answer for shape in SHAPES} == {NO, MAYBE, YES}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_each_shape_has_its_answer(shape: Shape) -> None:
    answer, unknown = answer_of(shape)
    assert answer == shape.answer
    assert bool(unknown) == (shape.answer is MAYBE), "what it depends on is named"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_sandboxs_evaluator_agrees(shape: Shape) -> None:
    asked = [(question, expected) for of, question, expected in questions() if of is shape]
    assert [ours(question) for question, _ in asked] == [expected for _, expected in asked], shape.deny


@pytest.mark.parametrize("shape", [each for each in SHAPES if each.is_judged], ids=lambda shape: shape.name)
def test_the_simulator_from_npm_agrees(shape: Shape) -> None:
    found = {expected: answer for (name, expected), answer in answers_of_theirs().items() if name == shape.name}
    assert found == {expected: ALLOWED if shape.is_disputed else expected for expected in found}, shape.deny
