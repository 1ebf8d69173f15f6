"""What a subject wants of a target, as text that means the same when it is read again."""

import pytest

from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import Condition, statement_for
from stagegate.targets.desired import desired_text_of, makes_a_difference, statements_in, still_desired, uses_in
from stagegate.targets.target import CloseTarget, OpenTarget
from tests.support.documents import BUCKET, READER, reads

ARN = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1"
ROLE = f"arn:aws:iam::{READER}:role/ModelOperator"
USE = KeyUse(grantee=ROLE, operations=("Decrypt",), context=(("aws:sagemaker:model-card-arn", "x"),))
LISTS = statement_for(
    READER,
    [ROLE],
    partition="aws",
    actions=["s3:ListBucket", "s3:GetBucketLocation"],
    resources=["arn:aws:s3:::model-artifacts-churn"],
    conditions=[Condition(operator="StringEquals", key="s3:prefix", values=frozenset({"churn/1.tar.gz"}))],
)
ONE, TWO = reads("one.tar.gz"), reads("two.tar.gz")


def desired_text(*statements: object, uses: tuple[KeyUse, ...] = ()) -> str | None:
    return desired_text_of(OpenTarget(subject_arn=ARN, target=BUCKET, statements=statements, uses=uses))  # type: ignore[arg-type]


def text(*statements: object, uses: tuple[KeyUse, ...] = ()) -> str:
    made = desired_text(*statements, uses=uses)
    assert made is not None
    return made


def test_desired_grants_read_as_they_were_written() -> None:
    said = text(LISTS, ONE, uses=(USE,))
    assert set(statements_in({ARN: said})) == {LISTS, ONE}
    assert uses_in({ARN: said}) == {USE}


def test_the_order_says_nothing() -> None:
    assert text(ONE, LISTS) == text(LISTS, ONE)


def test_closing_and_opening_nothing_desire_nothing() -> None:
    assert desired_text_of(CloseTarget(subject_arn=ARN, target=BUCKET)) is None
    assert desired_text() is None


def test_everybodys_desired_grants_are_all_that_is_wanted() -> None:
    desired_texts = {ARN: text(ONE), "other": text(TWO, ONE, uses=(USE,))}
    assert set(statements_in(desired_texts)) == {ONE, TWO}
    assert uses_in(desired_texts) == {USE}


def test_what_is_left_of_desired_grants_is_what_was_wanted_before_and_still_is() -> None:
    other = KeyUse(grantee=ROLE.replace("ModelOperator", "Auditor"))
    before, requested = text(ONE, LISTS, uses=(USE,)), text(TWO, LISTS, uses=(USE, other))
    assert still_desired(before, requested) == text(LISTS, uses=(USE,))
    assert still_desired(text(ONE), text(ONE, TWO)) == text(ONE)
    assert still_desired(text(ONE, TWO), text(ONE)) == text(ONE)
    assert still_desired(text(ONE), text(TWO)) is None
    assert still_desired(None, text(ONE)) is None
    assert still_desired(text(ONE), None) is None


def test_a_desired_grant_makes_no_difference_where_others_want_the_same() -> None:
    def differs(before: dict[str, str], desired_text: str | None) -> bool:
        return makes_a_difference(before, ARN, desired_text, is_carried_out=True)

    others = {"other": text(ONE, TWO, uses=(USE,))}
    assert not differs(others, text(TWO, uses=(USE,)))
    assert not differs({**others, ARN: text(TWO)}, None)
    assert differs(others, text(LISTS))
    assert differs(others, text(ONE, uses=(KeyUse(grantee=ROLE),)))
    assert differs({ARN: text(ONE)}, None)


@pytest.mark.parametrize("desired_text", [text(ONE), None])
def test_a_desired_grant_that_is_recorded_may_not_have_been_carried_out(desired_text: str | None) -> None:
    before = {} if desired_text is None else {ARN: desired_text}
    assert makes_a_difference(before, ARN, desired_text, is_carried_out=False)
    assert not makes_a_difference(before, ARN, desired_text, is_carried_out=True)
