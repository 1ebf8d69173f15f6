"""ARNs, and the subject that one names."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .errors import UnknownSubjectError

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}|aws|):(?P<rest>.+)"
)
_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"


class SubjectKind(StrEnum):
    """The kinds of things an execution can be about."""

    MODEL_CARD = "model-card"
    MODEL_PACKAGE = "model-package"
    MODEL_PACKAGE_GROUP = "model-package-group"


_RESOURCES = {
    SubjectKind.MODEL_CARD: re.compile(rf"model-card/(?P<name>{_NAME})"),
    # An unversioned package, whose ARN has no group, takes no approval ("Model registry models, versions, and groups").
    SubjectKind.MODEL_PACKAGE: re.compile(rf"model-package/(?P<name>{_NAME}/[0-9]{{1,9}})"),
    SubjectKind.MODEL_PACKAGE_GROUP: re.compile(rf"model-package-group/(?P<name>{_NAME})"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The one thing an execution is about, and the account that owns it. A package's name is `group/version`."""

    kind: SubjectKind
    arn: str
    partition: str
    region: str
    account: str
    name: str


def subject_of(arn: str) -> Subject:
    """Return the subject that an ARN names.

    Raises UnknownSubjectError for anything but the ARN of a model card, of a version of a model package or of a group
    of them (`ModelCardArn`, `ModelPackageArn` and `ModelPackageGroupArn` in botocore's SageMaker model).
    """
    whole = _ARN.fullmatch(arn)
    if whole and whole["service"] == "sagemaker" and len(whole["account"]) == 12 and whole["region"]:
        for kind, resource in _RESOURCES.items():
            if named := resource.fullmatch(whole["rest"]):
                return Subject(
                    kind=kind,
                    arn=arn,
                    partition=whole["partition"],
                    region=whole["region"],
                    account=whole["account"],
                    name=named["name"],
                )
    raise UnknownSubjectError(
        f"subject: found {arn!r}; allowed: the ARN of a model card, arn:aws:sagemaker:REGION:ACCOUNT:model-card/NAME,"
        " of a model package, arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION, or of a group of them,"
        " arn:aws:sagemaker:REGION:ACCOUNT:model-package-group/GROUP"
    )


def model_card_arn(name_or_arn: str, *, partition: str, region: str, account: str) -> str:
    """Return the ARN of a card that a request named by its name or by its ARN."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    return f"arn:{partition}:sagemaker:{region}:{account}:model-card/{name_or_arn}"
