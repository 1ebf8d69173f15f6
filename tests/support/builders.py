"""Small values for tests of the decisions: what is not named is ordinary."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from stagegate.approvals.as_if import AS_IF
from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.principals import Actor
from stagegate.approvals.questions import Asked, Question
from stagegate.approvals.records import AuditRecord, LastChange
from stagegate.core.arns import Subject, subject_of
from stagegate.core.messages.mail import Message
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.plans.decision import Basis
from stagegate.plans.grants import Grant, View
from stagegate.plans.messages import message_of
from stagegate.plans.plan import Plan
from stagegate.plans.question import Question as CardQuestion
from stagegate.plans.wording import Planned
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import AfterEdit, Approvers, CardRules, Organization, Rules, Stage, StageAccess, StatusRule
from stagegate.subjects.cards.decide import Observed, OnKey, card_plan
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.messages import wording
from stagegate.subjects.cards.model import Card
from stagegate.subjects.cards.questions.question import question_of
from stagegate.subjects.cards.scope import full
from stagegate.subjects.registry import SUBJECTS
from stagegate.surfaces.fences.model import Fence, ObservedFence, accounts_to_fence, document_of, fence_of
from stagegate.surfaces.shares.changes import CARD_PERMISSION, ObservedShares, Share

GOVERNANCE = "111122223333"
DEV, TEST, PROD = "222233334444", "333344445555", "444455556666"
CARD_ARN = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-card/churn"
EVERY_CARD = f"arn:aws:sagemaker:*:{GOVERNANCE}:model-card/*"
CREATED = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECTIONS = ("model_overview", "intended_uses")

APPROVER_ROLE = f"arn:aws:iam::{GOVERNANCE}:role/ModelApprover"
APPROVER = Actor(arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/ModelApprover/ann", role_arn=APPROVER_ROLE)
AUTHOR = Actor(
    arn=f"arn:aws:sts::{DEV}:assumed-role/ModelDeveloper/dave", role_arn=f"arn:aws:iam::{DEV}:role/ModelDeveloper"
)

DRAFT, PENDING, APPROVED, ARCHIVED = (
    CardStatus.DRAFT,
    CardStatus.PENDING_REVIEW,
    CardStatus.APPROVED,
    CardStatus.ARCHIVED,
)


def at(seconds: float) -> datetime:
    """A moment that many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def a_card(
    status: CardStatus = APPROVED,
    *,
    version: int = 1,
    content: str = "one",
    risk: RiskRating = RiskRating.HIGH,
    sections: Iterable[str] = SECTIONS,
    modified: float = 0.4,
    created: datetime = CREATED,
    kms_key: str | None = None,
    sealed: bool = False,
    by: Actor | None = None,
) -> Card:
    """A card that was last modified so many seconds after noon; `by` is whom SageMaker itself names for that."""
    return Card(
        arn=CARD_ARN,
        name="churn",
        account=GOVERNANCE,
        status=status,
        version=version,
        content_hash=content,
        risk=risk,
        sections=frozenset(sections),
        created=created,
        last_modified=at(modified),
        overview="Predicts churn.",
        kms_key=kms_key,
        is_sealed=sealed,
        last_change=LastChange(actor=by, at=at(modified)) if by else None,
    )


def a_record(
    status: StrEnum | None = APPROVED,
    actor: Actor = APPROVER,
    seconds: float = 0,
    *,
    version: int | None = 1,
    content: str | None = "one",
    id_: str = "",
) -> AuditRecord:
    """A change that was on its way so many seconds after noon."""
    return AuditRecord(
        id=id_ or f"{status or 'content'}-{actor.arn.rsplit('/', 1)[-1]}-{seconds}",
        at=at(seconds),
        actor=actor,
        status=status.value if status else None,
        version=version,
        content_hash=content,
    )


def written(
    actor: Actor = AUTHOR, seconds: float = -3600, *, version: int = 1, content: str | None = "one"
) -> AuditRecord:
    """The record of an edit of the content."""
    return a_record(None, actor, seconds, version=version, content=content)


def a_question(
    version: int = 1,
    content: str = "one",
    *,
    risk: RiskRating = RiskRating.HIGH,
    fingerprints: Fingerprints | None = None,
    seconds: float = -7200,
) -> Question:
    """A question that was published so many seconds after noon."""
    asked = Asked(version=version, content_hash=content, risk=risk, fingerprints=fingerprints)
    return Question(id=f"execution-{version}-{seconds}#0", at=at(seconds), asked=asked)


def asked_about(records: Iterable[AuditRecord]) -> list[Question]:
    """Questions about everything that these records are about, asked long before."""
    return [
        a_question(r.version, r.content_hash, risk=r.risk or RiskRating.HIGH, fingerprints=r.fingerprints)
        for r in records
        if r.version and r.content_hash
    ]


def a_stage(name: str, *accounts: str, fence: FenceKind = FenceKind.SCP, roles: Iterable[str] = ("Reader",)) -> Stage:
    """A stage, fenced by a service control policy."""
    return Stage(name=name, accounts=accounts, roles=tuple(roles), fence=fence)


def reads(stage: str) -> StageAccess:
    """Read-only access of a stage."""
    return StageAccess(stage=stage)


def writes(stage: str) -> StageAccess:
    """Access of a stage that may also write."""
    return StageAccess(stage=stage, write=True)


STAGES = (a_stage("dev", DEV), a_stage("test", TEST), a_stage("prod", PROD))
OPENS: Mapping[CardStatus, tuple[StageAccess, ...]] = {
    DRAFT: (writes("dev"),),
    PENDING: (writes("dev"), reads("test")),
    APPROVED: (writes("dev"), reads("test"), reads("prod")),
    ARCHIVED: (),
}
PROD_APPROVERS = (Approvers(stage="prod", principals=(APPROVER_ROLE,)),)


def some_rules(
    *,
    stages: Iterable[Stage] = STAGES,
    opens: Mapping[CardStatus, tuple[StageAccess, ...]] = OPENS,
    asks: Iterable[CardStatus] = (PENDING,),
    approvers: Iterable[Approvers] = PROD_APPROVERS,
    required_sections: Iterable[str] = (),
    four_eyes: bool = False,
    after_edit: AfterEdit = AfterEdit.CLOSE,
    export: bool = False,
    paused: bool = False,
    organization: str | None = "o-stagegate01",
) -> Rules:
    """Dev writes until the end, test reads from the review on, prod reads what an approver has approved."""
    asking = frozenset(asks)
    return Rules(
        organization=Organization(id=organization, external_id=None if organization else "an-external-id"),
        stages=tuple(stages),
        cards=CardRules(
            status={s: StatusRule(opens=tuple(opens.get(s, ())), ask_approvers=s in asking) for s in CardStatus},
            required_sections=tuple(required_sections),
            four_eyes=four_eyes,
            after_edit=after_edit,
            export=export,
        ),
        approvers=tuple(approvers),
        paused=paused,
    )


def share_arn(name: str) -> str:
    """The ARN of a share."""
    return f"arn:aws:ram:us-east-1:{GOVERNANCE}:resource-share/{name}"


def a_share(
    stage: str,
    *accounts: str,
    name: str = "",
    shard: int = 0,
    permission: str = CARD_PERMISSION,
    external: bool = False,
    status: str = "ASSOCIATED",
) -> Share:
    """A share of ours, whose accounts are all in that status."""
    return Share(
        arn=share_arn(name or f"{stage}-{shard}"),
        stage=stage,
        permission=permission,
        shard=shard,
        external=external,
        principals=dict.fromkeys(accounts, status),
    )


def shares(*ours: Share, **associations: str) -> ObservedShares:
    """Our shares, and the card's associations by the shares' names, `dev_0="ASSOCIATED"`."""
    return ObservedShares(
        associations={share_arn(name.replace("_", "-")): status for name, status in associations.items()}, shares=ours
    )


def a_fence(fence: Fence, *excepted: str, policy: str | None = "p-12345678") -> ObservedFence:
    """A fence that stands, with the cards that it excepts."""
    document = document_of(fence, excepted, partition="aws", governance_account=GOVERNANCE)
    return ObservedFence(account=fence.account, policy=policy, document=document)


def no_fences(rules: Rules, entitled: Entitled) -> dict[str, ObservedFence]:
    """What is seen where no fence stands, of every account that has to be looked at."""
    return {account: ObservedFence(account=account) for account in full(rules, entitled, View()).fences}


def all_fences(rules: Rules, entitled: Entitled) -> dict[str, ObservedFence]:
    """What is seen where every needed fence stands, and no card is excepted."""
    needed = accounts_to_fence(rules, entitled.entitlements)
    return {
        account: a_fence(fence_of(rules, account)) if account in needed else seen
        for account, seen in no_fences(rules, entitled).items()
    }


def entitled_to(*accesses: StageAccess, approval: AuditRecord | None = None) -> Entitled:
    """Entitlements as the rules would give them."""
    return Entitled(entitlements=tuple(Entitlement(stage=a.stage, write=a.write, approval=approval) for a in accesses))


def a_grant(stage: str, *accounts: str, write: bool = False, name: str = "", approval: str | None = None) -> Grant:
    """A grant that has been on record since noon."""
    return Grant(
        stage=stage,
        accounts=accounts,
        write=write,
        permission=CARD_PERMISSION,
        since=NOON,
        share_arn=share_arn(name or f"{stage}-0"),
        approval=approval,
    )


def the_subject(arn: str = CARD_ARN) -> Subject:
    """The subject of every plan here."""
    return subject_of(arn)


def a_basis(rules: Rules, view: View | None = None, *, subject: Subject | None = None, seconds: float = 60) -> Basis:
    """What a decision that many seconds after noon rests on, by default about the card."""
    return Basis(rules=rules, subject=subject or the_subject(), view=view or View(), now=at(seconds))


def a_plan(
    rules: Rules,
    entitled: Entitled,
    *,
    view: View | None = None,
    seen: ObservedShares | None = None,
    fences: Mapping[str, ObservedFence] | None = None,
    card: Card | None = None,
    gone: bool = False,
    key: OnKey | None = None,
    seconds: float = 60,
) -> Plan:
    """The plan for one observation, by default of an account where nothing stands and nothing is open."""
    observed = Observed(
        card=None if gone else card or a_card(),
        entitled=entitled,
        shares=seen or shares(),
        fences=no_fences(rules, entitled) if fences is None else fences,
        key=key or OnKey(),
    )
    return card_plan(a_basis(rules, view, seconds=seconds), observed)


def recorded_by(plan: Plan) -> View:
    """What is on record once a plan was carried out."""
    record = plan.record
    digest, state = record.last_notified_digest, record.planner_state
    return View(grants=record.grants, last_notified_digest=digest, planner_state=state)


def a_message(rules: Rules, plan: Plan, card: Card | None) -> Message:
    """What people are told of a card's plan; None for a card that is gone."""
    question = a_card_question(rules, card, grants=plan.record.grants) if card and plan.decision.asks else None
    said = wording(rules, plan.decision, card, question)
    return message_of(Planned(plan=plan, wording=said), SUBJECTS["model-card"].can)


def a_card_question(
    rules: Rules,
    card: Card,
    *records: AuditRecord,
    grants: Collection[Grant] = (),
    questions: Collection[Question] = (),
) -> CardQuestion | None:
    """What the approvers are asked about a card a minute after noon."""

    def gates(card: Card, records: Collection[AuditRecord], questions: Collection[Question], now: datetime) -> Entitled:
        return entitle(rules, card, records, questions=questions, stands_for_all=AS_IF, now=now)

    return question_of(rules, the_subject(), card, records, questions, grants, gates, now=at(60))
