"""Each action of Bedrock is decided: a guardrail that denies all models denies it, or it is left for a reason."""

import json
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import botocore.session
import pytest

from stagegate.rules.guardrails import ModelRule
from stagegate.subjects.guardrails.denials.bedrock import denials

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / ".node" / "iam" / "node_modules" / "@cloud-copilot" / "iam-data" / "data" / "actions"
"""The service authorization reference, of the version that `tools/iam/package-lock.json` locks."""
DECIDED = tomllib.loads((ROOT / "tests" / "contract" / "bedrock_actions.toml").read_text())
AUTHORIZED_AS: dict[str, str] = DECIDED["authorized_as"]
DENIED = [action for each in denials(ModelRule(deny=("*",)), "aws") for action in each.actions]


def of_the_reference() -> set[str]:
    return {
        f"{path.stem}:{action['name']}"
        for path in REFERENCE.glob("bedrock*.json")
        for action in json.loads(path.read_text()).values()
    }


def of_botocore() -> set[str]:
    """Every operation of every service of Bedrock, under the prefix that IAM has for it."""
    session = botocore.session.get_session()
    models = [session.get_service_model(name) for name in session.get_available_services() if "bedrock" in name]
    return {f"{model.signing_name}:{operation}" for model in models for operation in model.operation_names}


def left() -> dict[str, str]:
    """Each action that is left, with the reason."""
    return {
        f"{service}:{name}": kind["why"]
        for kind in DECIDED["left"].values()
        for service, names in kind.items()
        if service != "why"
        for name in names.split()
    }


def is_denied(action: str) -> bool:
    return any(fnmatchcase(AUTHORIZED_AS.get(action, action), pattern) for pattern in DENIED)


KNOWN = of_the_reference() | of_botocore()


def test_each_is_decided() -> None:
    undecided = {action for action in KNOWN if not is_denied(action) and action not in left()}
    assert undecided == set(), "decide each: deny it in denials/bedrock.py, or leave it in bedrock_actions.toml"


def test_none_is_decided_twice_or_gone() -> None:
    assert {action for action in left() if is_denied(action)} == set()
    assert set(left()) - KNOWN == set()
    assert {pattern for pattern in DENIED if not any(fnmatchcase(action, pattern) for action in KNOWN)} == set()
    assert set(AUTHORIZED_AS) - KNOWN == set()


def test_a_new_one_would_be_noticed() -> None:
    for action in ("bedrock:AskAnyModel", "bedrock-agentcore:InvokeAnything", "bedrock-new:Infer"):
        assert not is_denied(action)
        assert action not in left()


@pytest.mark.parametrize(
    "action", ["StartFlowExecution", "CreateEvaluationJob", "InvokeTool", "OptimizePrompt", "Converse", "Rerank"]
)
def test_what_runs_a_model_is_denied(action: str) -> None:
    assert f"bedrock:{action}" in KNOWN
    assert is_denied(f"bedrock:{action}")


def test_the_other_endpoint_names_its_model_in_what_a_list_goes_by() -> None:
    found = json.loads((REFERENCE / "bedrock-mantle.json").read_text()).values()
    named = {action["name"] for action in found if "bedrock-mantle:Model" in action["conditionKeys"]}
    assert named == {"CountTokens", "CreateFineTuningJob", "CreateInference"}
