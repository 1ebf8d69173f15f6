"""Bedrock's own words for why it doesn't import a model, and ours for what to do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stagegate.core.findings import Finding, blocked, warned
from stagegate.targets.model_import import ModelImport


def _unreadable(asked: ModelImport) -> str:
    key = asked.source_key
    return (
        f"The role {asked.role_arn} couldn't read {asked.source}. What Stagegate can see was in order before the job"
        f" began: look in account {asked.source_account} for a deny in the policy of bucket {asked.source.bucket}"
        f"{f' or of {key}' if key else ''}, for objects that another account owns, and for objects that are encrypted"
        f" with {'another key than that' if key else 'a key: governance.toml names none for the bucket'}."
    )


# Of these only the first is quoted by AWS ("Troubleshoot cross-account import", Amazon Bedrock user guide); the others
# are matched by what they must name. What matches nothing is passed on as it is.
_EXPLANATIONS: tuple[tuple[tuple[str, ...], str, Callable[[ModelImport], str]], ...] = (
    (
        ("access to the s3 location",),
        "ImportBucketClosed",
        _unreadable,
    ),
    (
        ("kms key", "kms"),
        "ImportKeyClosed",
        lambda asked: (
            f"The role {asked.role_arn} couldn't use {asked.key or asked.source_key}. The key's policy has to let IAM"
            " decide (the default key policy does), the key has to be enabled, and no statement of it may deny the"
            " role."
        ),
    ),
    (
        ("architecture",),
        "ImportArchitecture",
        lambda asked: f"Bedrock doesn't import what config.json at {asked.source} names as the model's architecture.",
    ),
    (
        ("config.json",),
        "ImportConfig",
        lambda asked: f"Bedrock couldn't read {asked.source}config.json, the model's configuration.",
    ),
    (
        ("no safetensors", "no objects"),
        "ImportNoWeights",
        lambda asked: (
            f"Bedrock found no weights at {asked.source}. Somebody has moved or deleted them since the approval."
        ),
    ),
    (
        ("safetensors",),
        "ImportWeightsBroken",
        lambda asked: (
            f"Bedrock couldn't read the weights at {asked.source}: a file is damaged, or is no safetensors file. Save"
            " the model anew and register that."
        ),
    ),
    (
        ("tokenizer",),
        "ImportNoTokenizer",
        lambda asked: f"Bedrock found no tokenizer at {asked.source}. Save it beside the weights.",
    ),
    (
        ("assume", "iam role"),
        "ImportRoleNotTaken",
        lambda asked: (
            f"Bedrock couldn't take {asked.role_arn}: it is trusted for import jobs of {asked.account} alone. If it"
            " was made a moment ago, IAM needs some minutes; else somebody has changed its trust: start the package"
            " by hand."
        ),
    ),
)


def explain(asked: ModelImport, message: str) -> Finding:
    """Return a finding for Bedrock's message, with its own words in it."""
    said = message.lower()
    for words, code, explanation in _EXPLANATIONS:
        if any(word in said for word in words):
            return blocked(code, f"{explanation(asked)} Bedrock says: {message}", asked.stage)
    return blocked("ImportFailed", f"Bedrock has failed to import {asked.source}. It says: {message}", asked.stage)


NOT_INVOKED = frozenset({"ImportConsumerClosed", "ImportConsumerDenied", "ImportNotInvoked"})
"""Codes of a model that is there, and that its consumer hasn't been seen to invoke."""


def consumer_denied(asked: ModelImport, model_arn: str) -> Finding:
    """Return the finding for a consumer that Bedrock doesn't let invoke the model."""
    return warned(
        "ImportConsumerDenied",
        f"{asked.consumer} may not invoke {asked.name}. Allow it bedrock:InvokeModel on {model_arn}, by its own policy:"
        " Bedrock has no other.",
        asked.stage,
    )


def consumer_closed(asked: ModelImport, role: str) -> Finding:
    """Return the finding for a consumer that our `role` there can't take, to see whether it may invoke the model."""
    return warned(
        "ImportConsumerClosed",
        f"{asked.consumer} can't be taken by {role}, so it isn't known whether it may invoke {asked.name}. Is there"
        f" such a role? It has to trust {role} or its account, and ImportConsumers of the member stack there has to"
        " name it.",
        asked.stage,
    )


def not_invoked(asked: ModelImport, message: str) -> Finding:
    """Return the finding for a model that is there, and whose one invocation has come to nothing."""
    return warned(
        "ImportNotInvoked",
        f"{asked.name} is there, and {asked.consumer} hasn't been seen to invoke it: {message}. A new model takes"
        " minutes to answer the first time: invoke it yourself.",
        asked.stage,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A model that takes a place in the account: its name, and the package it came from, "" for somebody else's."""

    name: str
    package: str = ""


def full(asked: ModelImport, held: Iterable[Held]) -> Finding:
    """Return the finding for an account that has all the models it may have, which names what could go."""
    listed = [f"{each.name} ({each.package or 'not by Stagegate'})" for each in held]
    return blocked(
        "ImportQuota",
        f"Account {asked.account} has as many imported models as Bedrock allows it: {', '.join(listed)}. Reject a"
        " package"
        ' that isn\'t needed any more, let newer versions replace older ones (when_replaced = "delete"), or delete one'
        " that isn't Stagegate's; or ask AWS for more (quota: imported models per account). Then start the package by"
        " hand.",
        asked.stage,
    )


def name_taken(asked: ModelImport) -> Finding:
    """Return the finding for a name that somebody else's model has."""
    return blocked(
        "ImportNameTaken",
        f"Account {asked.account} has a model called {asked.name} which isn't of this package; it is left alone. Rename"
        " by imports.model in governance.toml, or delete it.",
        asked.stage,
    )
