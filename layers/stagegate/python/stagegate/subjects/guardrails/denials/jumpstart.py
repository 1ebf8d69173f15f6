"""JumpStart's models, denied: by the tag that Canvas, Studio and the SDK put on what they deploy.

The tag is the caller's to leave out, so this keeps people from mistakes and not from evasion: the plan says so, and
names what is stronger. `Null` is "false" where the key is there; the published policy has "*" (docs/corrections.md).
"""

from stagegate.rules.guardrails import ModelRule
from stagegate.subjects.guardrails.denials.model import Conditions, Denial

TAG = "aws:RequestTag/sagemaker-sdk:jumpstart-model-id"
DEPLOY = ("sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "sagemaker:CreateModel")

ANY = "*"


def denials(rule: ModelRule) -> tuple[Denial, ...]:
    """Return what the rule takes away: what is deployed with the tag, of all models, some, or all but some."""
    if ANY in rule.deny:
        return (Denial(sid="StagegateJumpStart", actions=DEPLOY, conditions={"Null": {TAG: ("false",)}}),)
    if rule.deny:
        models = tuple(sorted(rule.deny))
        return (Denial(sid="StagegateJumpStartModels", actions=DEPLOY, conditions={"StringLike": {TAG: models}}),)
    # A negated operator also fits where the key is absent: without Null, this would deny what isn't JumpStart's.
    conditions: Conditions = {"Null": {TAG: ("false",)}, "StringNotLike": {TAG: tuple(sorted(rule.allow))}}
    return (Denial(sid="StagegateJumpStartOtherModels", actions=DEPLOY, conditions=conditions),)
