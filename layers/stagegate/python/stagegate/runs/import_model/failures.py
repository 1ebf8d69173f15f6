"""Bedrock's own words for why it doesn't import a model, and ours for what to do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.untrusted import reason, word
from stagegate.targets.model_import import ModelImport


def _unreadable(requested: ModelImport) -> str:
    key = requested.source_key
    return (
        f"The role {requested.role_arn} couldn't read {word(requested.source)}. What Stagegate can see was in order"
        f" before the job began: look in account {requested.source_account} for a deny in the policy of bucket"
        f" {requested.source.bucket}{f' or of {key}' if key else ''}, for objects that another account owns, and for"
        " objects that are encrypted with"
        f" {'another key than that' if key else 'a key: governance.toml names none for the bucket'}."
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
        lambda requested: (
            f"The role {requested.role_arn} couldn't use {requested.key or requested.source_key}. The key's policy has"
            " to let IAM decide (the default key policy does), the key has to be enabled, and no statement of it may"
            " deny the role."
        ),
    ),
    (
        ("architecture",),
        "ImportArchitecture",
        lambda requested: (
            f"Bedrock doesn't import what config.json at {word(requested.source)} names as the model's architecture."
        ),
    ),
    (
        ("config.json",),
        "ImportConfig",
        lambda requested: f"Bedrock couldn't read {word(requested.source)}config.json, the model's configuration.",
    ),
    (
        ("no safetensors", "no objects"),
        "ImportNoWeights",
        lambda requested: (
            f"Bedrock found no weights at {word(requested.source)}. Somebody has moved or deleted them since the"
            " approval."
        ),
    ),
    (
        ("safetensors",),
        "ImportWeightsBroken",
        lambda requested: (
            f"Bedrock couldn't read the weights at {word(requested.source)}: a file is damaged, or is no safetensors"
            " file. Save the model anew and register that."
        ),
    ),
    (
        ("tokenizer",),
        "ImportNoTokenizer",
        lambda requested: f"Bedrock found no tokenizer at {word(requested.source)}. Save it beside the weights.",
    ),
    (
        ("assume", "iam role"),
        "ImportRoleNotTaken",
        lambda requested: (
            f"Bedrock couldn't take {requested.role_arn}: it is trusted for import jobs of {requested.account} alone."
            " If it was made a moment ago, IAM needs some minutes; else somebody has changed its trust: start the"
            " package by hand."
        ),
    ),
)


def explain(requested: ModelImport, message: str) -> Finding:
    """Return a finding for Bedrock's message, with its own words in it."""
    said = message.lower()
    for words, code, explanation in _EXPLANATIONS:
        if any(word in said for word in words):
            return blocked(code, f"{explanation(requested)} Bedrock says: {reason(message)}", requested.stage)
    return blocked(
        "ImportFailed",
        f"Bedrock has failed to import {word(requested.source)}. It says: {reason(message)}",
        requested.stage,
    )


NOT_INVOKED = frozenset({"ImportConsumerClosed", "ImportConsumerDenied", "ImportNotInvoked"})
"""Codes of a model that is there, and that its consumer hasn't been seen to invoke."""


def consumer_denied(requested: ModelImport, model_arn: str) -> Finding:
    """Return the finding for a consumer that Bedrock doesn't let invoke the model."""
    return warned(
        "ImportConsumerDenied",
        f"{requested.consumer} may not invoke {requested.name}. Allow it bedrock:InvokeModel on {model_arn}, by its own"
        " policy: Bedrock has no other.",
        requested.stage,
    )


def consumer_closed(requested: ModelImport, role: str) -> Finding:
    """Return the finding for a consumer that our `role` there can't take, to see whether it may invoke the model."""
    return warned(
        "ImportConsumerClosed",
        f"{requested.consumer} can't be taken by {role}, so it isn't known whether it may invoke {requested.name}. Is"
        f" there such a role? It has to trust {role} or its account, and ImportConsumers of the member stack there has"
        " to name it.",
        requested.stage,
    )


def not_invoked(requested: ModelImport, message: str) -> Finding:
    """Return the finding for a model that is there, and whose one invocation has come to nothing."""
    return warned(
        "ImportNotInvoked",
        f"{requested.name} is there, and {requested.consumer} hasn't been seen to invoke it: {reason(message)}. A new"
        " model takes minutes to answer the first time: invoke it yourself.",
        requested.stage,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A model that takes a place in the account: its name, and the package it came from, "" for somebody else's."""

    name: str
    package: str = ""


def full(requested: ModelImport, held: Iterable[Held]) -> Finding:
    """Return the finding for an account that has all the models it may have, which names what could go."""
    listed = [f"{word(each.name)} ({word(each.package) if each.package else 'not by Stagegate'})" for each in held]
    return blocked(
        "ImportQuota",
        f"Account {requested.account} has as many imported models as Bedrock allows it: {', '.join(listed)}. Reject a"
        " package"
        ' that isn\'t needed any more, let newer versions replace older ones (when_replaced = "delete"), or delete one'
        " that isn't Stagegate's; or ask AWS for more (quota: imported models per account). Then start the package by"
        " hand.",
        requested.stage,
    )


def name_taken(requested: ModelImport) -> Finding:
    """Return the finding for a name that somebody else's model has."""
    return blocked(
        "ImportNameTaken",
        f"Account {requested.account} has a model called {requested.name} which isn't of this package; it is left"
        " alone. Rename by imports.model in governance.toml, or delete it.",
        requested.stage,
    )
