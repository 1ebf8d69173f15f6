"""Plan: read the truth and the record, decide, and say what there is to change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws import sessions
from stagegate.aws.config import REPEATABLE
from stagegate.aws.sessions import Members
from stagegate.domain.arns import Subject, subject_of
from stagegate.domain.cards import Card
from stagegate.domain.entitlements import entitle
from stagegate.domain.errors import InputError
from stagegate.domain.fences import Fence, ObservedFence, fence_of
from stagegate.domain.looking import everything, what_changes
from stagegate.domain.messages import line_of, message_of
from stagegate.domain.plan import Plan, is_nothing_new, plan, refuse_member_card, unchanged
from stagegate.domain.rules import FenceKind, Rules
from stagegate.ledger import subjects
from stagegate.sources import fences, model_cards, resource_shares

from .codecs import change_to_json, to_json
from .environment import Environment
from .settings import load

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = (
    model_cards.PERMISSIONS
    | resource_shares.PERMISSIONS
    | fences.PERMISSIONS
    | subjects.PERMISSIONS
    | sessions.PERMISSIONS
)
MEMBER_PERMISSIONS = fences.MEMBER_PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Everything that planning reads from. It changes nothing anywhere."""

    environment: Environment
    rules: Rules
    sagemaker: "SageMakerClient"
    ram: "RAMClient"
    organizations: "OrganizationsClient"
    dynamodb: "DynamoDBClient"
    members: Members

    @classmethod
    def from_environment(cls) -> "Planner":
        """Return the planner of this function. Raises SettingsError if governance.toml is wrong or not the stack's."""
        environment = Environment.read()
        rules = load(environment.settings)
        environment.check(rules)
        return cls(
            environment=environment,
            rules=rules,
            sagemaker=boto3.client("sagemaker", config=REPEATABLE),
            ram=boto3.client("ram", config=REPEATABLE),
            organizations=boto3.client("organizations", config=REPEATABLE),
            dynamodb=boto3.client("dynamodb", config=REPEATABLE),
            members=Members.through(
                environment.member_role("observe"), f"{environment.prefix}-plan", rules.organization.external_id
            ),
        )

    def plan(self, arn: str, *, by_hand: bool, execution: str) -> tuple[Plan, Card | None]:
        """Return the plan for a subject, and the card it is about (None for one that is gone, or not ours).

        An event's run stops looking when the record and the card's associations agree with what the rules entitle,
        and else looks at what its changes rest on. A run that a person started looks at everything, and so does the
        one after a run that didn't end well: what that has done may not be on record.
        """
        subject = self._subject(arn)
        on_record = subjects.read(self.dynamodb, self.environment.table, arn)
        view = on_record.view
        look_at_everything = by_hand or on_record.began not in (None, execution)
        if subject.account != self.environment.account:
            return refuse_member_card(self.rules, subject, view, self.environment.account), None
        card = model_cards.observe(self.sagemaker, subject)
        now = datetime.now(UTC)
        entitled = entitle(
            self.rules, card, on_record.records, open_stages={grant.stage for grant in view.grants}, now=now
        )
        seen = resource_shares.associations(self.ram, arn)
        if not look_at_everything and is_nothing_new(self.rules, entitled, view, seen):
            return unchanged(self.rules, subject, card, entitled, view), card
        if look_at_everything:
            look = everything(self.rules, entitled)
        else:
            look = what_changes(self.rules, entitled, view, seen)
        return plan(
            self.rules,
            subject,
            card,
            entitled,
            view,
            resource_shares.observe(self.ram, arn, seen, look.stages),
            {account: self._fence(fence_of(self.rules, account), subject) for account in look.fences},
            now=now,
            governance_account=self.environment.account,
        ), card

    def _subject(self, arn: str) -> Subject:
        subject = subject_of(arn)
        if subject.region != self.environment.region:
            raise InputError(
                f"subject: found a card of Region {subject.region}; allowed: one of {self.environment.region}, where"
                " this stack runs (shares and cards are regional)"
            )
        return subject

    def _fence(self, fence: Fence, subject: Subject) -> ObservedFence:
        prefix = self.environment.prefix
        if fence.kind is FenceKind.SCP:
            return fences.observe_scp(self.organizations, fence, prefix)
        return fences.observe_boundary(self.members, fence, prefix, subject.partition)


def plan_subject(planner: Planner, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan as the state machine takes it.

    `request` has `subject` (an ARN), `by_hand` and `execution`. The answer has `outcome`, `report`, `changes` (in order,
    each with the `surface` it goes to), `record` (the plan as `record` and `verify` take it), `at`, `external_id` (what
    member roles outside an organization ask for), and `lines` and `message` for people.
    """
    made, card = planner.plan(request["subject"], by_hand=request["by_hand"], execution=request["execution"])
    message = message_of(made, planner.rules, card)
    return {
        "outcome": made.outcome.value,
        "report": made.report,
        "changes": [change_to_json(change) for change in made.changes],
        "lines": [line_of(change) for change in made.changes],
        "record": to_json(replace(made, changes=())),
        "at": datetime.now(UTC).isoformat(),
        "external_id": planner.rules.organization.external_id,
        "message": {"subject": message.subject, "text": message.text},
    }
