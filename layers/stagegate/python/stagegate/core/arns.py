"""ARNs, and the subject that one names."""

import re
from dataclasses import dataclass
from enum import StrEnum

from stagegate.core.errors import UnknownSubjectError

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}|aws|):(?P<rest>.+)"
)
_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"

_GUARDRAIL = re.compile(r"[a-z][a-z0-9-]{0,31}")


class SubjectKind(StrEnum):
    """The kinds of things an execution can be about."""

    MODEL_CARD = "model-card"
    MODEL_PACKAGE = "model-package"
    GUARDRAIL = "guardrail"
    MODEL_PACKAGE_GROUP = "model-package-group"
    HUB = "hub"


_RESOURCES = {
    SubjectKind.MODEL_CARD: re.compile(rf"model-card/(?P<name>{_NAME})"),
    # An unversioned package, whose ARN has no group, takes no approval ("Model registry models, versions, and groups").
    SubjectKind.MODEL_PACKAGE: re.compile(rf"model-package/(?P<name>{_NAME}/[0-9]{{1,9}})"),
    SubjectKind.MODEL_PACKAGE_GROUP: re.compile(rf"model-package-group/(?P<name>{_NAME})"),
    SubjectKind.HUB: re.compile(rf"hub/(?P<name>{_NAME})"),
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

    Raises UnknownSubjectError for anything but the ARN of a model card, of a version of a model package, of a group of
    them or of a hub (`ModelCardArn`, `ModelPackageArn`, `ModelPackageGroupArn` and `HubNameOrArn` in botocore's
    SageMaker model).
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
        " of a model package, arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION, of a group of them,"
        " arn:aws:sagemaker:REGION:ACCOUNT:model-package-group/GROUP, or of a private hub,"
        " arn:aws:sagemaker:REGION:ACCOUNT:hub/NAME; or guardrail/NAME"
    )


def guardrail_subject(named: str, *, partition: str, region: str, account: str) -> Subject | None:
    """Return the guardrail that is named `guardrail/NAME`, which has no ARN, as a subject; None for anything else."""
    kind, _, name = named.partition("/")
    if kind != SubjectKind.GUARDRAIL or not _GUARDRAIL.fullmatch(name):
        return None
    return Subject(
        kind=SubjectKind.GUARDRAIL, arn=named, partition=partition, region=region, account=account, name=name
    )


def model_card_arn(name_or_arn: str, *, partition: str, region: str, account: str) -> str:
    """Return the ARN of a card that a request named by its name or by its ARN."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    return f"arn:{partition}:sagemaker:{region}:{account}:model-card/{name_or_arn}"


def hub_arn(name: str, *, partition: str, region: str, account: str) -> str:
    """Return the ARN of a private hub."""
    return f"arn:{partition}:sagemaker:{region}:{account}:hub/{name}"
