"""Which subject a name means, and which names mean none."""

import pytest

from stagegate_cli.names import chosen, spelled_out
from stagegate_cli.problems import Problem

HOME = "arn:aws:sagemaker:eu-west-1:111122223333"
KNOWN = (f"{HOME}:model-card/churn", f"{HOME}:hub/churn", f"{HOME}:model-package/churn/7", "guardrail/canvas")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("card/churn", f"{HOME}:model-card/churn"),
        ("package/churn/7", f"{HOME}:model-package/churn/7"),
        ("group/churn", f"{HOME}:model-package-group/churn"),
        ("hub/allowed", f"{HOME}:hub/allowed"),
        ("guardrail/canvas", "guardrail/canvas"),
        ("account/222233334444", "account/222233334444"),
        ("churn/7", None),
        ("churn", None),
    ],
)
def test_a_name_with_its_kind_needs_no_ledger(said: str, found: str | None) -> None:
    assert spelled_out(said, partition="aws", region="eu-west-1", account="111122223333") == found


@pytest.mark.parametrize("said", ["card/-x", "package/churn", "account/12", "arn:aws:s3:::b", "guardrail/C", "card/"])
def test_what_can_be_no_subject_is_refused(said: str) -> None:
    with pytest.raises(Problem, match="SUBJECT: found"):
        spelled_out(said, partition="aws", region="eu-west-1", account="111122223333")


@pytest.mark.parametrize(("said", "found"), [("churn/7", KNOWN[2]), ("canvas", KNOWN[3])])
def test_a_name_alone_is_the_one_that_has_it(said: str, found: str) -> None:
    assert chosen(said, KNOWN) == found


def test_a_name_that_several_have_is_none() -> None:
    with pytest.raises(Problem, match="allowed: one of hub/churn, model-card/churn"):
        chosen("churn", KNOWN)
