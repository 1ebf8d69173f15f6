"""One grammar for a subject's name: what the state machine takes to claim, the code can plan, and the other way
round."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.services.stepfunctions.definitions.expressions import evaluate
from stagegate.core.errors import UnknownSubjectError
from stagegate.subjects.registry import subject_named
from tests.support.asl.machine import levels

GOVERN = Path(__file__).parents[2] / "statemachines" / "govern.asl.yaml"
ACCOUNT = "111122223333"
HERE = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
LAW = settings(max_examples=200, deadline=None)

NAMES = st.one_of(
    st.from_regex(r"[a-zA-Z0-9-]{1,4}", fullmatch=True),
    st.text(alphabet="aZ0-_/ \n\r\u2028\u0660", max_size=5),
    st.sampled_from(["-x-", "x-", "-x", "x\n", "x\r", "\nx", "a" * 63, "a" * 64, f"a{'-' * 61}a", f"a{'-' * 62}a"]),
)
AFTER = st.sampled_from(["", "", "/1", "/1\n", "/123456789", "/1234567890", "/-1", "/x", "\n"])
KINDS = st.sampled_from(["model-card", "model-package", "model-package-group", "hub", "guardrail", "model"])


def choices() -> list[dict[str, Any]]:
    """The choices of ReadInput: a dry run, a subject, an event, and CloudTrail's events by their calls."""
    (state,) = [level.states["ReadInput"] for level in levels(GOVERN) if "ReadInput" in level.states]
    return list(state["Choices"])


CHOICES = choices()


def is_claimed(given: dict[str, Any], *among: int) -> bool:
    """Whether a run with this input takes the claim of what it names."""
    states = {"input": given, "context": {"StateMachine": {"Id": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:x"}}}
    return any(
        evaluate(CHOICES[at]["Condition"], {"states": states}) is True and CHOICES[at]["Next"] == "Take" for at in among
    )


def is_planned(named: str) -> bool:
    """Whether the code can plan it."""
    try:
        subject_named(named, partition="aws", region="us-east-1", account=ACCOUNT)
    except UnknownSubjectError:
        return False
    return True


@LAW
@given(KINDS, NAMES, AFTER)
@example("model-card", "-x-", "")
@example("model-card", "x\n", "")
@example("guardrail", "x\n", "")
@example("model-package", "x", "/1\n")
def test_a_subject_that_a_person_names_is_claimed_if_and_only_if_it_can_be_planned(
    kind: str, name: str, after: str
) -> None:
    named = f"{kind}/{name}{after}" if kind == "guardrail" else f"{HERE}:{kind}/{name}{after}"
    assert is_claimed({"subject": named}, 1) == is_planned(named)


@LAW
@given(st.sampled_from(["model-card", "model-package"]), NAMES, AFTER)
def test_so_is_what_sagemaker_tells_of(kind: str, name: str, after: str) -> None:
    arn = f"{HERE}:{kind}/{name}{after}"
    event = {"detail-type": "SageMaker Model Card State Change", "account": ACCOUNT, "resources": [arn]}
    assert is_claimed(event, 2) == is_planned(arn)


@LAW
@given(
    st.sampled_from(
        [
            ("model-card", "DeleteModelCard", "modelCardName", False),
            ("model-package", "DeleteModelPackage", "modelPackageName", True),
            ("model-package-group", "DeleteModelPackageGroup", "modelPackageGroupName", True),
            ("model-package-group", "CreateModelPackageGroup", "modelPackageGroupName", False),
        ]
    ),
    NAMES,
    AFTER,
)
def test_so_is_what_cloudtrail_tells_of(call: tuple[str, str, str, bool], name: str, after: str) -> None:
    kind, event, member, by_arn = call
    arn = f"{HERE}:{kind}/{name}{after}"
    told = {
        "account": ACCOUNT,
        "region": "us-east-1",
        "detail": {"eventName": event, "requestParameters": {member: arn if by_arn else f"{name}{after}"}},
    }
    assert is_claimed(told, 3, 4, 6) == is_planned(arn)


@pytest.mark.parametrize("name", ["-x-", "x\n", "x_y"])
def test_the_names_that_are_none_are_none(name: str) -> None:
    assert not is_claimed({"subject": f"{HERE}:model-card/{name}"}, 1)
