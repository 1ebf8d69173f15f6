"""The published policies that guardrails stand for, where they go wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.guardrail_requests import CLAUDE, HUB, TAG, model


def published(*statements: Mapping[str, Any]) -> str:
    """A policy as it was published, as a boundary: under the allow that it takes away from."""
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow, *statements]})


def _deny(action: str | list[str], resource: str, condition: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    statement = {"Effect": "Deny", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


@dataclass(frozen=True)
class Wrong:
    """A published policy where it goes wrong: it answers `ask` by `does`, and the table named `stands` doesn't."""

    document: str
    ask: str
    does: bool
    stands: str


_BUCKET = "arn:aws:s3:::jumpstart-cache-prod-us-east-1/*"
_EXCEPT = {"StringNotLike": {"s3:prefix": ["*.ipynb", "*/eula.txt"]}}
WRONG: Mapping[str, Wrong] = {
    "an id without its provider denies nothing": Wrong(
        published(_deny("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/claude-v2")),
        ask="Claude",
        does=True,
        stands="no Claude",
    ),
    "a deny in one Region leaves the others, and the profiles that lead there": Wrong(
        published(_deny("bedrock:InvokeModel*", model(CLAUDE))),
        ask="Claude elsewhere",
        does=True,
        stands="no Claude",
    ),
    "a list of what is denied lets everything else through": Wrong(
        published(_deny("bedrock:InvokeModel*", model(CLAUDE, "*"))),
        ask="Llama",
        does=True,
        stands="Titan alone",
    ),
    "InvokeModel alone leaves batches": Wrong(
        published(_deny(["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"], "*")),
        ask="Claude in batch",
        does=True,
        stands="no Bedrock",
    ),
    "InvokeModel alone leaves agents": Wrong(
        published(_deny("bedrock:InvokeModel*", "*")), ask="an agent", does=True, stands="no Bedrock"
    ),
    "no policy of before knows the other endpoint": Wrong(
        published(_deny("bedrock:*", "*")), ask="the other endpoint", does=True, stands="no Bedrock"
    ),
    "FineTune is no action": Wrong(
        published(_deny("bedrock:FineTune", "*")), ask="Claude tuned", does=True, stands="no Bedrock"
    ),
    "Null true denies what isn't JumpStart's": Wrong(
        published(_deny("sagemaker:CreateEndpointConfig", "*", {"Null": {TAG: "true"}})),
        ask="deploy one's own",
        does=False,
        stands="no JumpStart",
    ),
    "Null true lets JumpStart's through": Wrong(
        published(_deny("sagemaker:CreateEndpointConfig", "*", {"Null": {TAG: "true"}})),
        ask="deploy Falcon",
        does=True,
        stands="no JumpStart",
    ),
    "a negated tag without Null denies what isn't JumpStart's": Wrong(
        published(_deny("sagemaker:CreateEndpointConfig", "*", {"StringNotLike": {TAG: "huggingface-text2text-*"}})),
        ask="deploy one's own",
        does=False,
        stands="Flan alone",
    ),
    "s3:prefix opens odd lists": Wrong(
        published(_deny("s3:*", _BUCKET.removesuffix("/*") + "*", _EXCEPT)),
        ask="list for notebooks",
        does=True,
        stands="no public hub",
    ),
    "a Region in the hub's ARN leaves the others": Wrong(
        published(_deny("sagemaker:*", HUB)), ask="read a public hub elsewhere", does=True, stands="no public hub"
    ),
}
"""What the published policies do and none of ours may. One isn't here: `s3:prefix` on objects denies the notebooks that
it means to leave. So does ours, which says so."""
