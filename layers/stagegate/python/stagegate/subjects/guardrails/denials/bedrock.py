"""Amazon Bedrock's models, denied: which may not be invoked, in no Region and by no way there is to name them.

The published policies name models without their provider (`foundation-model/claude-v2`), which matches none, and call a
list of what is denied a list of what is allowed (docs/corrections.md).
"""

import re
from collections.abc import Iterable

from stagegate.rules.guardrails import ModelRule
from stagegate.subjects.guardrails.denials.model import Denial

INVOKE = ("bedrock:CreateEvaluationJob", "bedrock:CreateModelInvocationJob", "bedrock:InvokeModel*")
"""What names the model that it runs. `InvokeModel*` are the calls with and without a stream, in either direction;
Converse and asynchronous calls are authorized as them."""
CUSTOMIZE = ("bedrock:CreateModelCustomizationJob", "bedrock:CreateProvisionedModelThroughput")
"""There is no action FineTune, which one of the published policies denies. Both make what has another name."""
RUN = (
    "bedrock:AgenticRetrieveStream",
    "bedrock:CreateAdvancedPromptOptimizationJob",
    "bedrock:CreateCustomModelDeployment",
    "bedrock:CreateMarketplaceModelEndpoint",
    "bedrock:CreateModelEvaluationJob",
    "bedrock:GenerateQuery",
    "bedrock:IngestKnowledgeBaseDocuments",
    "bedrock:InvokeAgent",
    "bedrock:InvokeBlueprint*",
    "bedrock:InvokeBuilder",
    "bedrock:InvokeDataAutomation*",
    "bedrock:InvokeFlow",
    "bedrock:InvokeInlineAgent",
    "bedrock:InvokeTool",
    "bedrock:OptimizePrompt",
    "bedrock:RegisterMarketplaceModelEndpoint",
    "bedrock:Rerank",
    "bedrock:Retrieve*",
    "bedrock:StartFlowExecution",
    "bedrock:StartIngestionJob",
    "bedrock-agentcore:CreateOnlineEvaluationConfig",
    "bedrock-agentcore:Evaluate",
    "bedrock-agentcore:InvokeHarness",
    "bedrock-agentcore:Start*Evaluation",
    "bedrock-agentcore:StartMemoryExtractionJob",
    "bedrock-agentcore:StartPolicyGeneration",
    "bedrock-agentcore:StartRecommendation",
)
"""What runs models without a name that a statement could go by: with a role of its own (agents, flows, knowledge
bases), or of AWS's choice (tools, the optimization of prompts). `tests/contract/bedrock_actions.toml` has what is left,
and why, of all that the service authorization reference and botocore know."""
MANTLE = ("bedrock-mantle:Create*",)
"""Bedrock's other endpoint answers for the same models ("Actions, resources, and condition keys for Amazon Bedrock
Powered by AWS Mantle"); what is made there, and files and projects for it."""
MANTLE_RUN = ("bedrock-mantle:CreateFineTuningJob", "bedrock-mantle:CreateInference")
"""What names its model there: by a condition key, as its resource is a project."""
MANTLE_MODEL = "bedrock-mantle:Model"

# The endpoint's ids have neither date nor version: `anthropic.claude-haiku-4-5` is there what is
# `anthropic.claude-haiku-4-5-20251001-v1:0` elsewhere.
_VERSION = re.compile(r"(-[0-9]{8})?-v?[0-9]+(:[a-z0-9]+)+")

# An inference profile is authorized on itself and on the foundation model in each of its Regions ("Prerequisites for
# inference profiles", Amazon Bedrock user guide): denying the model in every Region, and in the empty one of global
# profiles, denies the profiles. For the same reason a list of what is allowed may leave profiles out.
_PROFILES = (
    "arn:{partition}:bedrock:*:*:application-inference-profile/*",
    "arn:{partition}:bedrock:*:*:inference-profile/*",
)
_JOBS = (
    "arn:{partition}:bedrock:*:*:evaluation-job/*",
    "arn:{partition}:bedrock:*:*:model-invocation-job/*",
)
_CUSTOMIZED = (
    "arn:{partition}:bedrock:*:*:custom-model/*",
    "arn:{partition}:bedrock:*:*:model-customization-job/*",
)

ANY = "*"


def denials(rule: ModelRule, partition: str) -> tuple[Denial, ...]:
    """Return what the rule takes away. Of a rule for all models, also the ways round it (`RUN`)."""
    if ANY in rule.deny:
        return (Denial(sid="StagegateBedrock", actions=tuple(sorted((*INVOKE, *CUSTOMIZE, *RUN, *MANTLE)))),)
    if rule.deny:
        models = tuple(_model(each, partition) for each in sorted(rule.deny))
        listed = Denial(sid="StagegateBedrockModels", actions=tuple(sorted((*INVOKE, *CUSTOMIZE))), resources=models)
        return (listed, *_mantle_denied(rule.deny))
    allowed = {_model(each, partition) for each in rule.allow}
    others = {text.format(partition=partition) for text in (*_PROFILES, *_JOBS)}
    made = {text.format(partition=partition) for text in _CUSTOMIZED}
    return (
        Denial(
            sid="StagegateBedrockOtherModels",
            actions=INVOKE,
            resources=tuple(sorted(allowed | others)),
            excludes=True,
        ),
        Denial(
            sid="StagegateBedrockCustomizing",
            actions=CUSTOMIZE,
            resources=tuple(sorted(allowed | made)),
            excludes=True,
        ),
        _mantle_but(rule.allow),
    )


def _mantle_denied(models: Iterable[str]) -> tuple[Denial, Denial]:
    """Return what denies these models there, and requests that don't say which."""
    listed = {"StringLike": {MANTLE_MODEL: _ids(models)}}
    return (
        Denial(sid="StagegateBedrockMantle", actions=MANTLE_RUN, conditions=listed),
        Denial(sid="StagegateBedrockMantleUnnamed", actions=MANTLE_RUN, conditions={"Null": {MANTLE_MODEL: ("true",)}}),
    )


def _mantle_but(models: Iterable[str]) -> Denial:
    """Return what denies all models there but these. A request that doesn't say which is denied, as the condition holds
    where the key is absent. Without any of AWS's own models, everything is denied: what is made here isn't there.
    """
    ids = _ids(models)
    if not ids:
        return Denial(sid="StagegateBedrockMantle", actions=MANTLE)
    conditions = {"StringNotLike": {MANTLE_MODEL: ids}}
    return Denial(sid="StagegateBedrockMantle", actions=MANTLE_RUN, conditions=conditions)


def _ids(models: Iterable[str]) -> tuple[str, ...]:
    named = {model for model in models if "/" not in model}
    return tuple(sorted(named | {_VERSION.sub("", model) for model in named}))


def _model(named: str, partition: str) -> str:
    """Return the ARN of a model: of AWS's own without an account, of those made here of every account."""
    if "/" in named:
        return f"arn:{partition}:bedrock:*:*:{named}"
    return f"arn:{partition}:bedrock:*::foundation-model/{named}"
