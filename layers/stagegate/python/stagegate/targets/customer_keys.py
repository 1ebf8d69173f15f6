"""Customer keys: which one SageMaker means by a name, and whether it can be opened to another account."""

import re
from collections.abc import Collection

from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import word
from stagegate.targets.target import Target, TargetType

KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):key/[A-Za-z0-9-]+")
_KEY_ID = re.compile(r"(mrk-)?[0-9a-f-]{32,36}")
CARD_CONTEXT = "aws:sagemaker:model-card-arn"
"""The encryption context that SageMaker names a card by ("Set up cross-account sharing of a model card", developer
guide): a grant that asks for it opens this card, and no other under the same key."""


def key_named(subject: Subject, named: str) -> str:
    """Return the ARN of a key that SageMaker may name by its id alone: then it is the subject's owner's."""
    if _KEY_ID.fullmatch(named):
        return f"arn:{subject.partition}:kms:{subject.region}:{subject.account}:key/{named}"
    return named


def key_target(subject: Subject, arn: str) -> Target | None:
    """Return a key as a target of grants, or None for what is no key's ARN: an alias may be another key tomorrow."""
    found = KEY_ARN.fullmatch(arn)
    if found is None:
        return None
    return Target(
        type=TargetType.KEY_GRANTS,
        account=found["account"],
        region=found["region"],
        partition=subject.partition,
        name=arn,
    )


def closed_key(subject: Subject, key: str, accounts: Collection[str], *, what: str) -> Finding | None:
    """Return the finding for a key that can't be opened: AWS's own aren't anybody's to grant, and others' aren't ours.

    `accounts` are those whose keys can be: the governance account and the members.
    """
    target = key_target(subject, key)
    if target is not None and target.account in accounts:
        return None
    return blocked(
        "KeyClosed",
        f"The {what} is encrypted with {word(key)}; allowed: a customer key, by its key ARN, of the governance account"
        " or a member. AWS's default keys can't be opened to another account.",
    )
