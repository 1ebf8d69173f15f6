"""Whatever time calls take, and whenever their records come: nobody is said to have approved what they didn't."""

from dataclasses import dataclass, replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from stagegate.approvals.attribution import Version, authors_of, moment_of, versions_set, versions_written
from stagegate.approvals.principals import Actor
from stagegate.approvals.records import LONGEST_CALL, AuditRecord, PossibleVersion
from stagegate.core.statuses import CardStatus
from stagegate.subjects.cards.entitle import entitle
from tests.property import strategies
from tests.support.builders import APPROVED, APPROVER, AUTHOR, DRAFT, PENDING, PROD_APPROVERS, a_card, at, some_rules

LAW = settings(max_examples=300, deadline=None)
LONGEST_S = LONGEST_CALL.total_seconds()
NEVER_ASKS = some_rules(asks=(), approvers=PROD_APPROVERS)
PEOPLE = (APPROVER, AUTHOR, strategies.OUTSIDER)


@dataclass(frozen=True)
class Call:
    """One call: when it changed the card, who made it, the status that it set (None: it wrote), how much later it was
    completed, and how much later than that its record came.
    """

    moment: float
    actor: Actor
    status: CardStatus | None
    late: float
    delivery: float

    @property
    def completed(self) -> int:
        """As CloudTrail has it: in whole seconds."""
        return int((self.moment + self.late) // 1)

    @property
    def came(self) -> float:
        return self.moment + self.late + self.delivery


@st.composite
def histories(draw: st.DrawFn) -> list[Call]:
    """A card's first calls, close together or far apart. The first made it, and each has a moment of its own."""
    moment, calls = 0.0, []
    for number in range(draw(st.integers(2, 7))):
        moment += draw(st.sampled_from([0.25, 0.5, 1.5, 10.0, 90.0, 130.0, 400.0]))
        status = draw(st.sampled_from([None, APPROVED, APPROVED, DRAFT, PENDING])) if number else None
        late = draw(st.sampled_from([0.0, 0.25, 0.75, 2.0, 30.0, 100.0, LONGEST_S - 0.5]))
        delivery = draw(st.sampled_from([0.0, 5.0, 300.0, 2000.0]))
        calls.append(Call(moment, draw(st.sampled_from(PEOPLE)), status, late, delivery))
    return calls


@dataclass(frozen=True)
class World:
    """What became of the card. `repeats_are_dated`: whether SageMaker dates a version by a status that is repeated."""

    calls: list[Call]
    repeats_are_dated: bool

    def versions(self, until: float) -> list[Version]:
        """The card's versions as they are at a moment."""
        found: list[Version] = []
        for call in self.calls:
            if call.moment > until:
                break
            if call.status is None:
                status = found[-1].status if found else DRAFT
                found.append(
                    Version(number=len(found) + 1, status=status, created=at(call.moment), modified=at(call.moment))
                )
            elif call.status is not found[-1].status or self.repeats_are_dated:
                last = found.pop()
                found.append(replace(last, status=call.status, modified=at(call.moment)))
        return found

    def meant(self, call: Call) -> int:
        """The version that a call wrote, or whose status it set."""
        return self.versions(call.moment)[-1].number

    def record(self, call: Call) -> AuditRecord:
        """What is on record of a call once its record has come, as `subjects/cards/audit.py` has it."""
        versions = self.versions(call.came)
        done = at(call.completed)
        found = (
            versions_written(done, versions, creates=call is self.calls[0])
            if call.status is None
            else versions_set(call.status, done, versions)
        )
        only = found[0] if len(found) == 1 else None
        dated = moment_of(call.status, done, only) if only and call.status else None
        return AuditRecord(
            id=f"{call.moment}",
            at=done,
            moment=only.created if only and call.status is None else dated,
            actor=call.actor,
            status=call.status.value if call.status else None,
            version=only.number if only else None,
            content_hash=f"content {only.number}" if only else None,
            versions=()
            if only
            else tuple(PossibleVersion(number=v.number, content_hash=f"content {v.number}") for v in found),
        )


worlds = st.builds(World, histories(), st.booleans())


@LAW
@given(worlds)
def test_a_call_is_about_the_version_that_it_was_about_or_nobody_says(world: World) -> None:
    for call in world.calls:
        record = world.record(call)
        event("known" if record.version else "unclear")
        assert record.version in (None, world.meant(call))


@LAW
@given(worlds)
def test_nothing_is_lost_where_nobody_has_written_about_then(world: World) -> None:
    for call in world.calls:
        others = [other for other in world.calls if other.status is None and other is not call]
        if any(call.completed - LONGEST_S < other.moment < call.completed + 5 for other in others):
            continue
        record = world.record(call)
        assert (record.version, record.content_hash) == (world.meant(call), f"content {world.meant(call)}")


@LAW
@given(worlds, st.data())
def test_whoever_wrote_a_version_is_among_its_authors_or_there_are_none_yet(world: World, data: st.DataObject) -> None:
    """Whichever records have come."""
    edits = [call for call in world.calls if call.status is None]
    came = data.draw(st.sets(st.sampled_from(edits)))
    records = [world.record(call) for call in edits if call in came]
    for call in edits:
        number = world.meant(call)
        found = authors_of(number, f"content {number}", records)
        event("known" if found else "nobody yet")
        assert not found or call.actor in found


@LAW
@given(worlds)
def test_with_every_record_there_every_version_has_its_author(world: World) -> None:
    records = [world.record(call) for call in world.calls if call.status is None]
    for call in world.calls:
        if call.status is None:
            number = world.meant(call)
            assert call.actor in authors_of(number, f"content {number}", records)


@LAW
@given(worlds, st.data())
def test_nobody_sees_what_its_approver_did_not(world: World, data: st.DataObject) -> None:
    """Whichever records have come, and without any question."""
    came = data.draw(st.sets(st.sampled_from(world.calls)))
    records = [world.record(call) for call in world.calls if call in came]
    now = world.versions(world.calls[-1].moment)[-1]
    seconds = (now.modified - at(0)).total_seconds()
    card = a_card(now.status, version=now.number, content=f"content {now.number}", modified=seconds, created=at(0))
    entitled = entitle(NEVER_ASKS, card, records, now=at(4000))
    approvals = [e.approval for e in entitled.entitlements if e.stage == "prod"]
    event("open" if approvals else "closed")
    for approval in approvals:
        assert approval
        (call,) = (call for call in world.calls if f"{call.moment}" == approval.id)
        assert (call.actor, call.status, world.meant(call)) == (APPROVER, now.status, now.number)
