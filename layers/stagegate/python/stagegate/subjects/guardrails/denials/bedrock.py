"""Amazon Bedrock's models, denied: which may not be invoked, in no Region and by no way there is to name them.

The published policies name models without their provider (`foundation-model/claude-v2`), which matches none, and call a
list of what is denied a list of what is allowed (docs/corrections.md).
"""

from stagegate.rules.guardrails import ModelRule
from stagegate.subjects.guardrails.denials.model import Denial

INVOKE = ("bedrock:CreateModelInvocationJob", "bedrock:InvokeModel*")
"""`InvokeModel*` are the calls with and without a stream, in either direction; Converse is authorized as them."""
CUSTOMIZE = ("bedrock:CreateModelCustomizationJob", "bedrock:CreateProvisionedModelThroughput")
"""There is no action FineTune, which one of the published policies denies. Both make what has another name."""
MANTLE = ("bedrock-mantle:Create*",)
"""Bedrock's other endpoint answers for the same models, and its resource is a project: no list can tell them apart
there ("Actions, resources, and condition keys for Amazon Bedrock Powered by AWS Mantle")."""
DELEGATE = ("bedrock:InvokeAgent", "bedrock:InvokeFlow", "bedrock:InvokeInlineAgent")
"""An agent or a flow calls its models with a role of its own: what the caller may invoke says nothing there."""

# An inference profile is authorized on itself and on the foundation model in each of its Regions ("Prerequisites for
# inference profiles", Amazon Bedrock user guide): denying the model in every Region, and in the empty one of global
# profiles, denies the profiles. For the same reason a list of what is allowed may leave profiles out.
_PROFILES = (
    "arn:{partition}:bedrock:*:*:application-inference-profile/*",
    "arn:{partition}:bedrock:*:*:inference-profile/*",
)
_JOBS = ("arn:{partition}:bedrock:*:*:model-invocation-job/*",)
_CUSTOMIZED = (
    "arn:{partition}:bedrock:*:*:custom-model/*",
    "arn:{partition}:bedrock:*:*:model-customization-job/*",
)

ANY = "*"


def denials(rule: ModelRule, partition: str) -> tuple[Denial, ...]:
    """Return what the rule takes away. Of a rule for all models, also the ways round it: agents and flows."""
    if ANY in rule.deny:
        return (Denial(sid="StagegateBedrock", actions=tuple(sorted((*INVOKE, *CUSTOMIZE, *DELEGATE, *MANTLE)))),)
    elsewhere = Denial(sid="StagegateBedrockMantle", actions=MANTLE)
    if rule.deny:
        models = tuple(_model(each, partition) for each in sorted(rule.deny))
        listed = Denial(sid="StagegateBedrockModels", actions=tuple(sorted((*INVOKE, *CUSTOMIZE))), resources=models)
        return (listed, elsewhere)
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
        elsewhere,
    )


def _model(named: str, partition: str) -> str:
    """Return the ARN of a model: of AWS's own without an account, of those made here of every account."""
    if "/" in named:
        return f"arn:{partition}:bedrock:*:*:{named}"
    return f"arn:{partition}:bedrock:*::foundation-model/{named}"
