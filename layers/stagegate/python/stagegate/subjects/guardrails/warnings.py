"""What a guardrail leaves open by its nature, whatever stands: the ways round it, and what is stronger."""

from stagegate.core.findings import Finding, warned
from stagegate.rules.guardrails import Access, Guardrail
from stagegate.subjects.guardrails.denials.bedrock import ANY


def ways_round(guardrail: Guardrail) -> tuple[Finding, ...]:
    """Return a finding for each way round a guardrail that its rules leave."""
    return (*_by_tag(guardrail), *_by_bedrock(guardrail))


def _by_tag(guardrail: Guardrail) -> tuple[Finding, ...]:
    if guardrail.jumpstart is None or guardrail.public_hub is Access.DENY:
        return ()
    return (
        warned(
            "BypassableByTag",
            f"Guardrail {guardrail.name} knows JumpStart's models by a tag that the caller controls: who leaves it out"
            ' deploys all the same. Stronger: public_hub = "deny", and a private hub of the models that may be used.',
        ),
    )


def _by_bedrock(guardrail: Guardrail) -> tuple[Finding, ...]:
    rule = guardrail.bedrock
    if rule is None or ANY in rule.deny:
        return ()
    kept = "agents, flows and knowledge bases, which call models with roles of their own, tools, and optimizing prompts"
    if rule.deny:
        kept = f"what is made of a denied model already (custom models, provisioned throughput), {kept}"
    stronger = 'deny = ["*"]' if rule.allow else 'allow = [...], or deny = ["*"]'
    return (
        warned(
            "BedrockWaysRound",
            f"Guardrail {guardrail.name} goes by the names of models, and leaves {kept}. Stronger: bedrock with"
            f" {stronger}.",
        ),
    )
