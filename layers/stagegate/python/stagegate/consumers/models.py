"""What is made of a package or a hub's model in the stage's own account: a model there, or one in Bedrock."""

from typing import Any

from stagegate.consumers import hubs, packages
from stagegate.consumers.statements import Consumer, allow, spelled
from stagegate.rules.model import Rules
from stagegate.rules.names import role_arns
from stagegate.targets.model_import import PACKAGE_TAG

CREATE = ("sagemaker:CreateModel",)
INVOKE = ("bedrock:InvokeModel",)


def statements(rules: Rules, consumer: Consumer) -> list[dict[str, Any]]:
    """Return what making models takes, and what invoking imported ones does."""
    return [*_made(rules, consumer), *_imported(rules, consumer)]


def _made(rules: Rules, consumer: Consumer) -> list[dict[str, Any]]:
    """CreateModel is asked for on the model, too, and for the role that SageMaker reads artifacts and image with: it
    has to be one that these are opened to, so one of the stage's own.
    """
    if not (packages.opens_to(rules, consumer.stage.name) or hubs.uses(rules, consumer)):
        return []
    made = allow("Models", CREATE, [f"{consumer.of('sagemaker', each)}:model/*" for each in consumer.accounts])
    roles = [
        arn for account in consumer.accounts for arn in role_arns(consumer.stage.roles, account, consumer.partition)
    ]
    to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return [made, *([allow("ServingRoles", ["iam:PassRole"], roles, to_sagemaker)] if roles else [])]


def _imported(rules: Rules, consumer: Consumer) -> list[dict[str, Any]]:
    """Invoking what was imported, for the role that the rules call its consumer. A model's id isn't known before it is
    there; its tag says of which package it is made.
    """
    entries = [entry for entry in rules.imports if entry.stage == consumer.stage.name and entry.consumer]
    if not entries:
        return []
    models = [f"{consumer.of('bedrock', account)}:imported-model/*" for account in consumer.accounts]
    named = spelled(group for entry in entries for group in entry.groups)
    of = [f"{consumer.home}:model-package/{group}/*" for group in named]
    return [allow("ImportedModels", INVOKE, models, {"StringLike": {f"aws:ResourceTag/{PACKAGE_TAG}": of}})]
