"""Changes of documents that many subjects write: what one subject wants of one target, all of it at once."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from stagegate.core.arns import sagemaker_resource
from stagegate.core.errors import PermanentError
from stagegate.iam.describe import describe
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import Statement
from stagegate.targets.execution_role import PATH, ExecutionRole
from stagegate.targets.hub_content import HubContent
from stagegate.targets.model_import import ModelImport


class TargetType(StrEnum):
    """The kinds of targets that packages are opened on, groups that they are registered in, and encrypted cards."""

    GROUP_POLICY = "group-policy"
    BUCKET_POLICY = "bucket-policy"
    REPOSITORY_POLICY = "repository-policy"
    KEY_GRANTS = "key-grants"
    IMPORT_ROLE = "import-role"
    MODEL_IMPORT = "model-import"
    HUB_CONTENT = "hub-content"


_SURFACES = {TargetType.IMPORT_ROLE: "import-role", TargetType.MODEL_IMPORT: "import", TargetType.HUB_CONTENT: "hub"}


ACCOUNT_CLOSED = "account-closed"
"""What the ledger notes as written on a target that was closed on record, as its account was closed: what stands there
counts again should AWS open the account again, and is closed then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The one resource that grants are written on, and the account that owns it.

    `name` is that of the model package group, the bucket, the repository, the execution role, the imported model or the
    private hub, and the ARN of a key.
    """

    type: TargetType
    account: str
    region: str
    partition: str
    name: str

    @property
    def id(self) -> str:
        """The target as the ledger names it: `bucket-policy/222233334444/us-east-1/model-artifacts`."""
        return f"{self.type}/{self.account}/{self.region}/{self.name}"

    @property
    def surface(self) -> str:
        """Where its changes go: roles, models and what is in hubs have functions of their own."""
        return _SURFACES.get(self.type, "policy")

    @property
    def arn(self) -> str:
        """The ARN of the resource that is written."""
        where = f"{self.region}:{self.account}"
        match self.type:
            case TargetType.GROUP_POLICY:
                return f"arn:{self.partition}:sagemaker:{where}:model-package-group/{self.name}"
            case TargetType.BUCKET_POLICY:
                return f"arn:{self.partition}:s3:::{self.name}"
            case TargetType.REPOSITORY_POLICY:
                return f"arn:{self.partition}:ecr:{where}:repository/{self.name}"
            case TargetType.KEY_GRANTS:
                return self.name
            case TargetType.IMPORT_ROLE:
                return f"arn:{self.partition}:iam::{self.account}:role{PATH}{self.name}"
            case TargetType.MODEL_IMPORT:  # AWS gives each model an id of its own: which one it is its name says
                return f"arn:{self.partition}:bedrock:{where}:imported-model/*"
            case TargetType.HUB_CONTENT:
                return f"arn:{self.partition}:sagemaker:{where}:hub/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTarget:
    """Make this everything that the subject wants of the target: what it wanted before and isn't here goes.

    A document takes `statements`, a key takes `uses`; an execution role is its `role`, an imported model its `model`; a
    hub takes the one `content` that the subject is there.
    It `closes` where the subject has something there, or may have, that isn't here.
    """

    subject_arn: str
    target: Target
    statements: tuple[Statement, ...] = ()
    uses: tuple[KeyUse, ...] = ()
    role: ExecutionRole | None = None
    model: ModelImport | None = None
    content: HubContent | None = None
    closes: bool = False

    @property
    def surface(self) -> str:
        """The surface of the target."""
        return self.target.surface

    @property
    def places(self) -> tuple[str, ...]:
        """The target."""
        return (self.target.id,)

    def line(self) -> str:
        """Return everything that the subject has on the target then."""
        access = [
            *map(describe, self.statements),
            *map(str, self.uses),
            *map(str, filter(None, (self.role, self.model, self.content))),
        ]
        return f"open {title(self.target)}: {'; '.join(access)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTarget:
    """Withdraw everything that the subject wants of the target. `keep`: the role or model itself stays, unused.

    `account_closed`: the organization has the target's account as closed. It is tried all the same; where that fails,
    it is closed on record (`ACCOUNT_CLOSED`): nobody can use what is there.
    """

    closes: ClassVar[bool] = True

    subject_arn: str
    target: Target
    keep: bool = False
    account_closed: bool = False

    @property
    def surface(self) -> str:
        """The surface of the target."""
        return self.target.surface

    @property
    def places(self) -> tuple[str, ...]:
        """The target."""
        return (self.target.id,)

    def line(self) -> str:
        """Return whose access to the target goes."""
        subject = sagemaker_resource(self.subject_arn)
        what = f"this {subject.noun} had there" if subject else "is ours and no subject on record wants"
        if self.account_closed:
            return f"close {title(self.target)} on record, as its account is closed: all that {what}"
        return f"close {title(self.target)}: take out all that {what}"


def is_closed_anyway(change: OpenTarget | CloseTarget, error: Exception) -> bool:
    """Tell whether a change that failed so is done on record, as it closes what lies in a closed account."""
    return isinstance(change, CloseTarget) and change.account_closed and isinstance(error, PermanentError)


def role_arns(target: Target) -> tuple[str, str]:
    """Return the ARNs under which IAM looks for an execution role: with its path, and for none, by its name alone."""
    return target.arn, f"arn:{target.partition}:iam::{target.account}:role/{target.name}"


def target_of(id_: str, partition: str) -> Target:
    """Return the target of an id. Raises ValueError for anything else."""
    type_, account, region, name = id_.split("/", 3)
    return Target(type=TargetType(type_), account=account, region=region, partition=partition, name=name)


def hub_target(hub_arn: str) -> Target:
    """Return the target that a private hub is for packages."""
    _, partition, _, region, account, name = hub_arn.split(":")
    return Target(
        type=TargetType.HUB_CONTENT, account=account, region=region, partition=partition, name=name.partition("/")[2]
    )


def title(target: Target) -> str:
    """Return what a person calls a target: `bucket model-artifacts of 222233334444`."""
    kinds = {
        TargetType.GROUP_POLICY: "model package group",
        TargetType.BUCKET_POLICY: "bucket",
        TargetType.REPOSITORY_POLICY: "repository",
        TargetType.KEY_GRANTS: "key",
        TargetType.IMPORT_ROLE: "execution role",
        TargetType.MODEL_IMPORT: "imported model",
        TargetType.HUB_CONTENT: "private hub",
    }
    name = target.name.rsplit("/", 1)[-1] if target.type is TargetType.KEY_GRANTS else target.name
    return f"{kinds[target.type]} {name} of {target.account}"
