"""Guardrails: what users of Canvas and Studio may not do, whatever else lets them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Denial = dict[str, Any]

_INVOKE = ["bedrock:CreateEvaluationJob", "bedrock:CreateModelInvocationJob", {"start": "bedrock:InvokeModel"}]
_CUSTOMIZE = ["bedrock:CreateModelCustomizationJob", "bedrock:CreateProvisionedModelThroughput"]
_UNNAMED: list[Any] = [
    *(
        f"bedrock:{action}"
        for action in [
            "AgenticRetrieveStream",
            "CreateAdvancedPromptOptimizationJob",
            "CreateCustomModelDeployment",
            "CreateMarketplaceModelEndpoint",
            "CreateModelEvaluationJob",
            "GenerateQuery",
            "IngestKnowledgeBaseDocuments",
            "InvokeAgent",
            "InvokeBuilder",
            "InvokeFlow",
            "InvokeInlineAgent",
            "InvokeTool",
            "OptimizePrompt",
            "RegisterMarketplaceModelEndpoint",
            "Rerank",
            "StartFlowExecution",
            "StartIngestionJob",
        ]
    ),
    *({"start": f"bedrock:{action}"} for action in ("InvokeBlueprint", "InvokeDataAutomation", "Retrieve")),
    *(
        f"bedrock-agentcore:{action}"
        for action in [
            "CreateOnlineEvaluationConfig",
            "Evaluate",
            "InvokeHarness",
            "StartMemoryExtractionJob",
            "StartPolicyGeneration",
            "StartRecommendation",
        ]
    ),
    {"like": "bedrock-agentcore:Start*Evaluation"},
    {"start": "bedrock-mantle:Create"},
]
"""What runs models that a request doesn't name: only a rule for all models denies it."""
_MANTLE = ["bedrock-mantle:CreateFineTuningJob", "bedrock-mantle:CreateInference"]
_MANTLE_MODEL = "bedrock-mantle:Model"
_TAG = "aws:RequestTag/sagemaker-sdk:jumpstart-model-id"
_DEPLOY = ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "sagemaker:CreateModel"]


def guardrail(rule: Mapping[str, Any], exempt: Iterable[str] = ()) -> dict[str, Any]:
    """Return what the document of a guardrail should say, for a [[guardrails]] of governance.toml. A service control
    policy leaves out the `exempt` roles.
    """
    denials = [*_public_hub(rule), *_bedrock(rule.get("bedrock")), *_jumpstart(rule.get("jumpstart"))]
    if leaves := sorted(exempt):
        for denial in denials:
            denial.setdefault("where", {})["aws:PrincipalArn"] = [{"not": leaves}, None]
    everything = {"may": [{"like": "*"}], "on": ["*"]}
    return {"grants": [everything] if rule["by"] == "boundary" else [], "denials": denials}


def _public_hub(rule: Mapping[str, Any]) -> list[Denial]:
    if rule.get("public_hub") != "deny":
        return []
    hub = "arn:aws:sagemaker:*:aws"
    return [
        {
            "may": [{"start": "sagemaker:"}],
            "on": [{"like": f"{hub}:hub/SageMakerPublicHub"}, {"like": f"{hub}:hub-content/SageMakerPublicHub/*"}],
        },
        {
            "may": [{"start": "s3:Get"}, {"start": "s3:List"}],
            "on": [{"start": f"arn:aws:s3:::jumpstart-{kind}-prod-"} for kind in ("cache", "private-cache")],
        },
    ]


def _bedrock(rule: Mapping[str, Any] | None) -> list[Denial]:
    if not rule:
        return []
    if "*" in rule.get("deny", ()):
        return [{"may": [*_INVOKE, *_CUSTOMIZE, *_UNNAMED], "on": ["*"]}]
    if denied := rule.get("deny"):
        names = [{"like": each} for each in _mantle(denied)]
        return [
            {"may": [*_INVOKE, *_CUSTOMIZE], "on": list(map(_model, denied))},
            {"may": _MANTLE, "on": ["*"], "where": {_MANTLE_MODEL: [*names, None]}},
        ]
    allowed = list(map(_model, rule["allow"]))
    of_account = "arn:aws:bedrock:*:*"
    runs = ("application-inference-profile", "inference-profile", "evaluation-job", "model-invocation-job")
    makes = ("custom-model", "model-customization-job")
    own = [{"like": each} for each in _mantle(rule["allow"])]
    others: Denial = {"may": _MANTLE, "on": ["*"], "where": {_MANTLE_MODEL: [{"not": own}, None]}}
    return [
        {"may": _INVOKE, "but": [*allowed, *({"like": f"{of_account}:{kind}/*"} for kind in runs)]},
        {"may": _CUSTOMIZE, "but": [*allowed, *({"like": f"{of_account}:{kind}/*"} for kind in makes)]},
        others if own else {"may": [{"start": "bedrock-mantle:Create"}], "on": ["*"]},
    ]


def _jumpstart(rule: Mapping[str, Any] | None) -> list[Denial]:
    if not rule:
        return []
    tagged: list[Any] = [{"like": "*"}]
    if "deny" in rule and "*" not in rule["deny"]:
        tagged = [{"like": each} for each in rule["deny"]]
    elif "allow" in rule:
        tagged = [{"not": [{"like": each} for each in rule["allow"]]}]
    return [{"may": _DEPLOY, "on": ["*"], "where": {_TAG: tagged}}]


def _model(name: str) -> dict[str, str]:
    """AWS's own models belong to no account, what is made of them to any."""
    return {"like": f"arn:aws:bedrock:*:*:{name}" if "/" in name else f"arn:aws:bedrock:*::foundation-model/{name}"}


def _mantle(names: Iterable[str]) -> list[str]:
    """Names at Bedrock's other endpoint, which has AWS's own models, and their names without date and version too."""
    own = {name for name in names if "/" not in name}
    return sorted(own | {re.sub(r"(-\d{8})?-v?\d+(:\w+)+", "", name) for name in own})
