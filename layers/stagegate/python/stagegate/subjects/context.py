"""What a step about subjects works with: where it runs, by which rules, and the clients that it reads with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from stagegate.aws import release
from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members, own_session
from stagegate.plans.mode import ReadScope
from stagegate.rules.model import Rules

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_sagemaker import SageMakerClient

    from stagegate.approvals.membership import Membership
    from stagegate.ledger.units import Units
    from stagegate.links.word import Word


def here() -> tuple[Environment, Rules]:
    """Return where this function runs, and by which rules.

    Raises SettingsError if governance.toml is wrong, or not the stack's.
    """
    # Loaded here: who verifies or records a call of a card needs no rules, and doesn't wait for what reads them.
    from stagegate.rules.checks import stack
    from stagegate.rules.load import load

    environment = Environment.read()
    rules = load(environment.settings)
    stack.check(rules, environment)
    return environment, rules


def way_in(environment: Environment, rules: Rules, function: str) -> Members:
    """Return the way into member accounts through the role that observes; sessions carry the function's name."""
    role, session = environment.member_role("observe"), f"{environment.prefix}-{function}"
    return Members.through(role, session, rules.organization.external_id)


@dataclass(slots=True)
class ToldInSweep:
    """What the plans of one sweep have been told of approvers' accounts, of units and of who isn't in the organization,
    so that they ask once. The next one forgets it.
    """

    sweep: str = ""
    memberships: "dict[str, Membership]" = field(default_factory=dict)
    units: "Units | None" = None
    outsiders: frozenset[str] | None = None

    def of(self, sweep: str) -> "dict[str, Membership]":
        """Return what this sweep was told so far, to read and to add to; "" is no sweep, and nothing is kept."""
        if not sweep:
            return {}
        if sweep != self.sweep:
            self.sweep, self.memberships, self.units, self.outsiders = sweep, {}, None, None
        return self.memberships

    def units_of(self, sweep: str) -> "Units | None":
        """Return who is in the rules' units, as this sweep was told; None where it has yet to ask."""
        return self.units if sweep and sweep == self.sweep else None

    def tell_units(self, sweep: str, units: "Units") -> None:
        """Keep who is in the units for the rest of this sweep."""
        if sweep:
            self.of(sweep)
            self.units = units


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Everything that planning reads from. All that it ever writes is what the public hub says, into the ledger.

    `kms` encrypts what mails may quote of encrypted cards, where the rules let them. `by` is the release and the rules
    of the function, as plans on record say it. `told_in_sweep` outlives the plans of a sweep that it makes.
    """

    environment: Environment
    rules: Rules
    sagemaker: "SageMakerClient"
    ram: "RAMClient"
    organizations: "OrganizationsClient"
    dynamodb: "DynamoDBClient"
    members: Members
    kms: "KMSClient | None" = None
    by: str = ""
    told_in_sweep: ToldInSweep = field(default_factory=ToldInSweep)

    @classmethod
    def from_environment(cls) -> "Planner":
        """Return the planner of this function. Raises SettingsError."""
        environment, rules = here()
        return cls(
            environment=environment,
            rules=rules,
            sagemaker=own_session().client("sagemaker", config=REPEATABLE),
            ram=own_session().client("ram", config=REPEATABLE),
            organizations=own_session().client("organizations", config=REPEATABLE),
            dynamodb=own_session().client("dynamodb", config=REPEATABLE),
            members=way_in(environment, rules, "plan"),
            kms=own_session().client("kms", config=REPEATABLE) if rules.messages.quote_encrypted else None,
            by=str(release.here()),
        )


def _nobody(_arns: Iterable[str]) -> "tuple[Word, ...]":
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """How a plan is made.

    `is_sweep`: a sweep asks, or a run that it has started; `sweep` is its id, "" where that isn't known.
    `scope`: how much is read. `retry_failed`: what has failed for good is tried once more. `force`: as much goes as the
    rules say. `results` are what the surfaces have answered in the run's earlier rounds. `words` asks for the word of
    those that the subject follows, by their ARNs.
    """

    scope: ReadScope
    retry_failed: bool = False
    force: bool = False
    results: tuple[Mapping[str, Any], ...] = ()
    is_sweep: bool = False
    sweep: str = ""
    words: "Callable[[Iterable[str]], tuple[Word, ...]]" = _nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """What looking again reads from. A client that not every subject needs is made when it is asked for."""

    ram: "RAMClient"
    sagemaker: "Callable[[], SageMakerClient]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """What a sweep reads from. It writes what it has found into the ledger, and nothing else anywhere."""

    environment: Environment
    rules: Rules
    sagemaker: "SageMakerClient"
    dynamodb: "DynamoDBClient"

    @classmethod
    def from_environment(cls) -> "Sweeper":
        """Return the sweeper of this function. Raises SettingsError."""
        environment, rules = here()
        return cls(
            environment=environment,
            rules=rules,
            sagemaker=own_session().client("sagemaker", config=REPEATABLE),
            dynamodb=own_session().client("dynamodb", config=REPEATABLE),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules, and the way into the accounts that they name."""

    environment: Environment
    rules: Rules
    members: Members


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """What recording a call reads from. The rules are read when the first call needs them: ones that are wrong keep no
    other change from being put on record.
    """

    sagemaker: "SageMakerClient"
    dynamodb: "DynamoDBClient"
    access: Callable[[], Access]

    def settled(self) -> Access:
        """Return the access by rules that have accounts in place of units, as the last sweep or run has heard of them.

        One strongly consistent read where the rules name units, else none. A unit of which nothing is on record stays,
        and has nobody. Raises SettingsError, and what a read raises.
        """
        # Loaded here: most calls that are recorded need no rules, and don't wait for what narrows them.
        from stagegate.ledger import units
        from stagegate.rules.narrowed.units import units_of, with_units

        here = self.access()
        if not units_of(here.rules):
            return here
        known = units.read(self.dynamodb, here.environment.table)
        heard = known.heard(here.rules.sweep.close_after_blind_sweeps, own=here.environment.account)
        return replace(here, rules=with_units(here.rules, heard))

    @classmethod
    def of(cls, function: str, dynamodb: "DynamoDBClient") -> "Auditor":
        """Return the auditor of a function. Its `access` raises SettingsError."""

        @cache
        def access() -> Access:
            environment, rules = here()
            return Access(environment=environment, rules=rules, members=way_in(environment, rules, function))

        return cls(sagemaker=own_session().client("sagemaker", config=REPEATABLE), dynamodb=dynamodb, access=access)
