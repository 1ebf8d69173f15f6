"""ARNs, and the subject that one names."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .errors import UnknownSubjectError

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}|aws|):(?P<rest>.+)"
)
_MODEL_CARD = re.compile(r"model-card/(?P<name>[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62})")


class SubjectKind(StrEnum):
    """The kinds of things an execution can be about."""

    MODEL_CARD = "model-card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The one thing an execution is about, and the account that owns it."""

    kind: SubjectKind
    arn: str
    partition: str
    region: str
    account: str
    name: str


def subject_of(arn: str) -> Subject:
    """Return the subject that an ARN names.

    Raises UnknownSubjectError for anything but the ARN of a model card (`ModelCardArn` in botocore's SageMaker model).
    """
    whole = _ARN.fullmatch(arn)
    card = _MODEL_CARD.fullmatch(whole["rest"]) if whole and whole["service"] == "sagemaker" else None
    if not whole or not card or len(whole["account"]) != 12 or not whole["region"]:
        raise UnknownSubjectError(
            f"subject: found {arn!r}; allowed: the ARN of a model card,"
            " arn:aws:sagemaker:REGION:ACCOUNT:model-card/NAME"
        )
    return Subject(
        kind=SubjectKind.MODEL_CARD,
        arn=arn,
        partition=whole["partition"],
        region=whole["region"],
        account=whole["account"],
        name=card["name"],
    )


def model_card_arn(name_or_arn: str, *, partition: str, region: str, account: str) -> str:
    """Return the ARN of a card that a request named by its name or by its ARN."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    return f"arn:{partition}:sagemaker:{region}:{account}:model-card/{name_or_arn}"
