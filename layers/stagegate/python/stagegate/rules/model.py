"""What governance.toml says, as values. `load` reads the file into these types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from stagegate.core.card_link import CardLink
from stagegate.core.patterns import fits
from stagegate.core.statuses import CardStatus, PackageStatus, RiskRating
from stagegate.rules.audiences import Audience, ImageRepository, Taggers
from stagegate.rules.fence_kind import FenceKind, Metric
from stagegate.rules.guardrails import Guardrail
from stagegate.rules.hubs import HubRules
from stagegate.rules.imports import Import, Registration
from stagegate.rules.sweeps import MessageRules, SweepRules


class AfterEdit(StrEnum):
    """What becomes of access when a card's content is edited after its approval."""

    CLOSE = "close"
    """The stages that needed the approval close until somebody approves the new content."""
    ASK = "ask"
    """They stay open; the approvers are asked to approve the new content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The AWS organization that the accounts belong to.

    `id` is None where there is none: then shares are sent as invitations, which the member role accepts,
    and `external_id` is what the member roles ask for instead of the organization's id. `accounts` are members that
    nothing else names.
    """

    id: str | None = None
    external_id: str | None = None
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step of the lifecycle: its accounts (12 digits each, or by organizational unit) and the IAM role names that use
    models there.
    """

    name: str
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    fence: FenceKind = FenceKind.SCP
    metrics: tuple[Metric, ...] = ()
    reason_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAccess:
    """What a status gives one stage: the card can be seen, and with `write` also updated."""

    stage: str
    write: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRule:
    """What one card status opens, and whether entering it asks the approvers for a decision."""

    opens: tuple[StageAccess, ...] = ()
    ask_approvers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRules:
    """The rules for model cards. `status` has every `CardStatus`; a section is a top-level key of the content."""

    status: Mapping[CardStatus, StatusRule]
    required_sections: tuple[str, ...] = ()
    four_eyes: bool = False
    after_edit: AfterEdit = AfterEdit.CLOSE
    export: bool = False


class AfterChange(StrEnum):
    """What becomes of access when the bytes of a model package are written anew after its approval."""

    CLOSE = "close"
    """The stages that needed the approval close until somebody approves what is there now."""
    ASK = "ask"
    """They stay open; the approvers are asked to approve what is there now."""


class Unpinned(StrEnum):
    """What becomes of a package that names something which can't be fingerprinted."""

    BLOCK = "block"
    """It stays closed."""
    WARN = "warn"
    """It opens, and says so."""


class PrincipalScope(StrEnum):
    """To whom an approved model package opens in a stage's accounts."""

    ROLES = "roles"
    """The stage's named roles, and no other principal."""
    ACCOUNT = "account"
    """Every principal that the account's own administrators let at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageStatusRule:
    """The names of the stages that may deploy a package in this status, and whether it asks for a decision."""

    opens: tuple[str, ...] = ()
    ask_approvers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRule:
    """A stage opens only for packages that are in this stage and status of SageMaker's ModelLifeCycle."""

    stage: str
    lifecycle_stage: str
    lifecycle_status: str


class ApprovalSource(StrEnum):
    """What is believed of who has approved a package."""

    CLOUDTRAIL = "cloudtrail"
    """CloudTrail's record of the call, which takes minutes."""
    STATE_CHANGE = "state_change"
    """SageMaker's own event and description too, where they say for certain who set the status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRules:
    """The rules for model packages. `status` has every `PackageStatus`; of several `lifecycle` one has to fit.

    `image_accounts` are accounts (12 digits each) whose images count as known beside AWS's own and those of the rules.
    """

    status: Mapping[PackageStatus, PackageStatusRule]
    principals: PrincipalScope = PrincipalScope.ROLES
    after_change: AfterChange = AfterChange.CLOSE
    unpinned: Unpinned = Unpinned.BLOCK
    image_accounts: tuple[str, ...] = ()
    lifecycle: tuple[LifecycleRule, ...] = ()
    four_eyes: bool = False
    approval_source: ApprovalSource = ApprovalSource.CLOUDTRAIL
    card: CardLink | None = None

    @property
    def by_card(self) -> CardLink:
        """What its card has to say: nothing, where the file has no word of it, as none had up to 0.2.0."""
        return self.card or CardLink.IGNORED

    @property
    def takes_state_changes(self) -> bool:
        """Whether SageMaker's own word is enough for an approval, until CloudTrail's record comes."""
        return self.approval_source is ApprovalSource.STATE_CHANGE


class BucketScope(StrEnum):
    """How much of a bucket an approved package opens."""

    EXACT = "exact"
    """Its own objects and prefixes, to the letter."""
    GROUP = "group"
    """Everything below the folder that is called as the package's group, where its artifacts lie in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of artifacts and the account that owns it. `name` is exact or ends in `*`; the first that fits counts.

    `key` is the ARN of the customer key that its objects are encrypted with. With an `audience`, it opens for packages
    of that one alone.
    """

    name: str
    account: str
    key: str | None = None
    scope: BucketScope = BucketScope.EXACT
    listing: BucketScope = BucketScope.EXACT
    audience: str | None = None

    def fits(self, bucket: str) -> bool:
        """Tell whether this is about a bucket of that name."""
        return fits(self.name, bucket)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvers:
    """Who may let a card or a package into `stage`, for these risks.

    A principal is an IAM role ARN (any session of it), the ARN of one assumed-role session, an IAM user ARN, or a
    SageMaker user profile ARN. A stage without approvers opens by status alone. Those of an `audience` count for its
    models in place of those without. So many different people are `needed`, of all who may for a risk: where several
    entries are for it, as many as the one that asks for most.
    """

    stage: str
    principals: tuple[str, ...]
    risks: tuple[RiskRating, ...] = tuple(RiskRating)
    needed: int = 1
    audience: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The whole of governance.toml. Without `packages`, no model package is governed; without `audiences`, every model
    is for all accounts of the stages.
    """

    organization: Organization
    stages: tuple[Stage, ...]
    cards: CardRules
    approvers: tuple[Approvers, ...] = ()
    audiences: tuple[Audience, ...] = ()
    tags: tuple[Taggers, ...] = ()
    packages: PackageRules | None = None
    buckets: tuple[Bucket, ...] = ()
    repositories: tuple[ImageRepository, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    registrations: tuple[Registration, ...] = ()
    hubs: tuple[HubRules, ...] = ()
    imports: tuple[Import, ...] = ()
    sweep: SweepRules = field(default=SweepRules())
    messages: MessageRules = field(default=MessageRules())
    paused: bool = False

    @property
    def is_withdrawn(self) -> bool:
        """Whether a person has withdrawn Stagegate: these rules open nothing then (`rules/narrowed/withdrawn`)."""
        return False

    @property
    def whole(self) -> "Rules":
        """Return the rules for all models: these, unless they are those of an audience (`rules/narrowed`)."""
        return self

    @property
    def audience(self) -> str | None:
        """Return whom the models are for by these rules: "" for everybody, None for nobody."""
        return ""

    @property
    def repository_addresses(self) -> tuple[str, ...]:
        """Return the addresses of the repositories that registrations name, each once."""
        return tuple(dict.fromkeys(each for entry in self.registrations for each in entry.repositories))

    def stage(self, name: str) -> Stage:
        """Return the stage of that name. Raises KeyError if there is none (settings refuses such a file)."""
        return {stage.name: stage for stage in self.stages}[name]

    def bucket(self, name: str) -> Bucket | None:
        """Return the first entry that fits a bucket's name, or None: nobody has said whose it is."""
        return next((bucket for bucket in self.buckets if bucket.fits(name)), None)

    def repository(self, account: str, name: str) -> ImageRepository | None:
        """Return the first entry that fits an account's repository, or None: it is for every audience."""
        return next((each for each in self.repositories if each.fits(account, name)), None)

    def hub(self, name: str) -> HubRules | None:
        """Return the private hub of that name, or None."""
        return next((hub for hub in self.hubs if hub.name == name), None)

    def importing(self, group: str, status: PackageStatus) -> tuple[str, ...]:
        """Return the stages into which a group's packages of that status are imported: only approved ones are."""
        if status is not PackageStatus.APPROVED:
            return ()
        return tuple(dict.fromkeys(entry.stage for entry in self.imports if entry.fits(group)))

    def opened_by(self, group: str, status: PackageStatus) -> tuple[str, ...]:
        """Return the stages that a status lets deploy or import a group's packages. Without [packages]: none."""
        if self.packages is None:
            return ()
        return tuple(dict.fromkeys((*self.packages.status[status].opens, *self.importing(group, status))))

    def import_of(self, stage: str, group: str) -> Import | None:
        """Return the first entry by which packages of a group are imported for a stage, or None: they aren't."""
        return next((entry for entry in self.imports if entry.stage == stage and entry.fits(group)), None)
