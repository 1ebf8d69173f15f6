"""ARNs, and the subject that one names."""

import re
from dataclasses import dataclass

from stagegate.core.errors import UnknownSubjectError

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):sagemaker:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})"
    r":(?P<kind>[a-z-]+)/(?P<name>.+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The one thing an execution is about, and the account that owns it. A package's name is `group/version`.

    `kind` is the name of its kind, as ARNs have it: `model-card`. Which there are says `subjects.registry`.
    """

    kind: str
    arn: str
    partition: str
    region: str
    account: str
    name: str

    @property
    def noun(self) -> str:
        """What a line of a plan calls it: `card`, `package group`."""
        return self.kind.removeprefix("model-").replace("-", " ")


def sagemaker_resource(arn: str) -> Subject | None:
    """Return a resource of SageMaker, of whatever kind, by its ARN; None for anything else."""
    found = _ARN.fullmatch(arn)
    return Subject(arn=arn, **found.groupdict()) if found else None


def subject_of(arn: str) -> Subject:
    """Return the subject that an ARN names, which somebody has found to be one (`subjects.registry`).

    Raises UnknownSubjectError for anything but the ARN of a resource of SageMaker.
    """
    found = sagemaker_resource(arn)
    if found is None:
        raise UnknownSubjectError(
            f"subject: found {arn!r}; allowed: the ARN of a subject, arn:PARTITION:sagemaker:REGION:ACCOUNT:KIND/NAME"
        )
    return found


def hub_arn(name: str, *, partition: str, region: str, account: str) -> str:
    """Return the ARN of a private hub."""
    return f"arn:{partition}:sagemaker:{region}:{account}:hub/{name}"
