"""Rules, worlds and histories for property tests: small, and with every corner in reach."""

from dataclasses import replace

from hypothesis import strategies as st

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import AfterEdit, Approvers, Rules, Stage, StageAccess
from stagegate.rules.narrowed.covers import Cover
from stagegate.subjects.cards.model import Card
from stagegate.surfaces.fences.model import (
    EXCEPTED,
    Fence,
    ObservedFence,
    accounts_by_cover,
    document_of,
    fence_of,
)
from stagegate.surfaces.shares.changes import CARD_EXPORT_PERMISSION, CARD_PERMISSION, Share
from tests.support.builders import (
    APPROVER,
    APPROVER_ROLE,
    AUTHOR,
    CARD_ARN,
    DEV,
    GOVERNANCE,
    PROD,
    TEST,
    a_card,
    a_record,
    at,
    share_arn,
    some_rules,
)
from tests.support.world import World

ACCOUNTS = (DEV, TEST, PROD)
STRANGER = "999988887777"
NAMES = ("dev", "test", "prod")
OTHER_CARD = CARD_ARN.replace("churn", "fraud")
STATES = ("ASSOCIATING", "ASSOCIATED", "DISASSOCIATING")


@st.composite
def rules(draw: st.DrawFn, approvers: tuple[Approvers, ...] = ()) -> Rules:
    """Rules whose stages may share accounts, and whose statuses open anything.

    Outside an organization a stage that may only read names a boundary (`runtime.settings_meaning` sees to it); one
    that never does needn't.
    """
    organization = draw(st.sampled_from(["o-stagegate01", None]))
    stages = [
        Stage(
            name=name,
            accounts=tuple(draw(st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=2, unique=True))),
            roles=("Reader",),
            fence=draw(st.sampled_from(FenceKind)) if organization else FenceKind.BOUNDARY,
        )
        for name in NAMES
    ]
    opens = {
        status: tuple(
            StageAccess(stage=name, write=draw(st.booleans()))
            for name in draw(st.lists(st.sampled_from(NAMES), unique=True))
        )
        for status in CardStatus
    }
    if organization is None:
        reads = {access.stage for accesses in opens.values() for access in accesses if not access.write}
        stages = [s if s.name in reads else replace(s, fence=FenceKind.SCP) for s in stages]
    return some_rules(
        stages=stages,
        opens=opens,
        approvers=approvers,
        after_edit=draw(st.sampled_from(AfterEdit)),
        four_eyes=draw(st.booleans()),
        export=draw(st.booleans()),
        organization=organization,
    )


@st.composite
def worlds(draw: st.DrawFn, of: Rules) -> World:
    """Shares right and wrong, accounts that belong and that don't, fences that stand, lie, or aren't there."""
    shares = tuple(
        Share(
            arn=share_arn(f"share-{number}"),
            stage=draw(st.sampled_from((*NAMES, "gone"))),
            permission=draw(st.sampled_from([CARD_PERMISSION, CARD_EXPORT_PERMISSION])),
            shard=draw(st.integers(0, 2)),
            external=draw(st.booleans()),
            principals=draw(st.dictionaries(st.sampled_from((*ACCOUNTS, STRANGER)), st.sampled_from(STATES))),
        )
        for number in range(draw(st.integers(0, 4)))
    )
    held = draw(
        st.dictionaries(st.sampled_from([*(s.arn for s in shares), share_arn("foreign")]), st.sampled_from(STATES))
    )
    # Where no stage names a boundary, and there is no organization, a fence was never possible.
    fences = {account: draw(_fences(fence_of(of, account))) for account in accounts_by_cover(of, *Cover)}
    return World(
        shares=shares,
        associations=held,
        fences={account: seen for account, (seen, _, _) in fences.items()},
        desired_texts={account: desired_texts for account, (_, desired_texts, _) in fences.items()},
        notes={account: note for account, (_, _, note) in fences.items() if note is not None},
    )


@st.composite
def _fences(draw: st.DrawFn, fence: Fence) -> tuple[ObservedFence, frozenset[str], str | None]:
    """A fence, of these rules or of others; the cards on record as excepted; and the card's note of itself.

    The card's desired grants are never there without a note, nor a note that says excepted without them.
    """
    written = replace(fence, covers=draw(st.sampled_from([fence.covers, *Cover])))
    excepted = draw(st.sets(st.sampled_from([CARD_ARN, OTHER_CARD])))
    document = document_of(written, excepted, partition="aws", governance_account=GOVERNANCE)
    tampered = document.replace('"Deny"', '"Allow"')
    observed = ObservedFence(
        account=fence.account,
        policy="p-1",
        document=draw(st.sampled_from([document, document, tampered, None])),
        uncovered=draw(st.sampled_from([(), (), ("Reader",)])) if fence.kind is FenceKind.BOUNDARY else (),
    )
    desired_texts = draw(st.sets(st.sampled_from([CARD_ARN, OTHER_CARD])))
    note = draw(st.sampled_from([EXCEPTED, ""] if CARD_ARN in desired_texts else [None, ""]))
    return observed, frozenset(desired_texts), note


OUTSIDER = Actor(arn=f"arn:aws:sts::{PROD}:assumed-role/ModelApprover/ann", role_arn=None)
ACTORS = (APPROVER, AUTHOR, OUTSIDER)
GATES = tuple(Approvers(stage=name, principals=(APPROVER_ROLE,), risks=(RiskRating.HIGH,)) for name in ("test", "prod"))


@st.composite
def records(draw: st.DrawFn, actors: tuple[Actor, ...] = ACTORS) -> list[AuditRecord]:
    """What may be on record of a card in its first seconds."""
    return [
        AuditRecord(
            id=f"event-{number}",
            at=at(draw(st.integers(0, 12))),
            actor=draw(st.sampled_from(actors)),
            status=draw(st.sampled_from([None, CardStatus.APPROVED.value, *(status.value for status in CardStatus)])),
            version=draw(st.sampled_from([1, 1, 2, None])),
            content_hash=draw(st.sampled_from(["one", "one", "two", None])),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


@st.composite
def cards(draw: st.DrawFn, actors: tuple[Actor, ...] = ACTORS) -> Card:
    """A card of those seconds."""
    return a_card(
        draw(st.sampled_from([CardStatus.APPROVED, *CardStatus])),
        version=draw(st.sampled_from([1, 1, 2])),
        content=draw(st.sampled_from(["one", "one", "two"])),
        risk=draw(st.sampled_from([RiskRating.HIGH, RiskRating.LOW])),
        modified=draw(st.integers(0, 12)) + 0.4,
        by=draw(st.sampled_from([None, *actors])),
    )


@st.composite
def approvals(draw: st.DrawFn) -> list[AuditRecord]:
    """Approvals of two contents within seconds; the last of them is of the content `one`."""
    drawn = draw(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["one", "two"])), max_size=5))
    drawn.append((4, "one"))
    return [a_record(seconds=second, content=content, id_=f"event-{n}") for n, (second, content) in enumerate(drawn)]
