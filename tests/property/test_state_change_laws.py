"""Laws of SageMaker's own word for an approval, with times, delays and losses of events and records moved freely.

What is assumed is what docs/live.md asks: two changes of one package never have the same time to the millisecond.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from hypothesis import find, given, settings
from hypothesis import strategies as st

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord, RecordSource
from stagegate.approvals.state_changes import StateChange, doubt
from stagegate.rules.model import ApprovalSource
from stagegate.subjects.packages.entitle import entitle_package
from stagegate.subjects.packages.model import Package
from tests.support.builders import APPROVER, AUTHOR, a_question, at
from tests.support.packages import APPROVED, PACKAGE_ARN, REJECTED, a_package, package_rules

LAW = settings(max_examples=300, deadline=None)
FIELDS = {
    "approve": ("ModelApprovalStatus", "ApprovalDescription"),
    "reject": ("ModelApprovalStatus",),
    "describe": ("CustomerMetadataProperties",),
    "edit": ("InferenceSpecification",),
    "edit and approve": ("ModelApprovalStatus", "InferenceSpecification"),
}
_RULES = package_rules()
assert _RULES.packages is not None
RULES = replace(_RULES, packages=replace(_RULES.packages, approval_source=ApprovalSource.STATE_CHANGE))
ASKED = [a_question(3, f"content-{number}") for number in range(7)]
"""Everything was asked about long before: then nothing but who approved decides."""
SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What somebody did, when, and the package after it."""

    number: int
    what: str
    actor: Actor
    at: datetime
    status: str
    content: str

    def as_package(self, resolution: timedelta) -> Package:
        """The package as SageMaker describes it until the next change."""
        package = a_package(REJECTED if self.status == "Rejected" else APPROVED, by=self.actor)
        return replace(
            package,
            content_hash=self.content,
            last_modified=cut(self.at, resolution),
            creator=AUTHOR,
            created=at(-3600),
        )

    def event(self, resolution: timedelta) -> StateChange:
        """What its event says."""
        fields = frozenset(FIELDS[self.what])
        return StateChange(arn=PACKAGE_ARN, status=self.status, fields=fields, at=cut(self.at, resolution))

    def by_cloudtrail(self, late: timedelta) -> AuditRecord:
        """CloudTrail's record, whose call was completed so much later. Nothing is known of the content: the hardest."""
        sets = "ModelApprovalStatus" in FIELDS[self.what]
        return AuditRecord(
            id=f"trail-{self.number}",
            at=cut(self.at + late, SECOND),
            actor=self.actor,
            status=self.status if sets else None,
            version=3,
            content_hash=None,
            metadata_only=self.what == "describe",
        )


def on_word(package: Package) -> AuditRecord:
    """What is put on record of a package's last change, on SageMaker's word."""
    assert package.last_actor is not None
    return AuditRecord(
        id=f"state-change-{package.last_modified.timestamp()}",
        at=cut(package.last_modified, SECOND),
        moment=package.last_modified,
        actor=package.last_actor,
        status=package.status.value,
        version=3,
        content_hash=package.content_hash,
        source=RecordSource.STATE_CHANGE,
    )


def cut(moment: datetime, resolution: timedelta) -> datetime:
    """A time as it is kept: cut, and not rounded."""
    return moment - (moment - at(0)) % resolution


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """Some changes by an approver and by a writer, some within a second."""
    each = draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(FIELDS)), st.sampled_from([APPROVER, AUTHOR]), st.sampled_from([1, 3, 400, 1500])
            ),
            min_size=1,
            max_size=6,
        )
    )
    start = draw(st.integers(0, 999))
    times = [at(0) + MILLISECOND * ms for ms in accumulate((gap for _, _, gap in each), initial=start)][1:]
    found: list[Change] = []
    status, content = "PendingManualApproval", "content-0"
    for number, ((what, actor, _), moment) in enumerate(zip(each, times, strict=True)):
        status = "Approved" if "approve" in what else "Rejected" if what == "reject" else status
        content = f"content-{number}" if "edit" in what else content
        found.append(Change(number=number, what=what, actor=actor, at=moment, status=status, content=content))
    return found


LATE = st.sampled_from([timedelta(0), timedelta(seconds=1), timedelta(seconds=4), timedelta(seconds=100)])
RESOLUTION = st.sampled_from([MILLISECOND, MILLISECOND, SECOND])


@st.composite
def told(draw: st.DrawFn) -> tuple[list[Change], int, list[AuditRecord], list[AuditRecord], timedelta]:
    """A history as far as it has come, what is on record of it on SageMaker's word, and what CloudTrail has said.

    Each event comes once, twice or never, at any time after its change; so does each record.
    """
    history = draw(histories())
    described, evented = draw(RESOLUTION), draw(RESOLUTION)
    by_word: list[AuditRecord] = []
    by_trail: list[AuditRecord] = []
    for now, change in enumerate(history):
        for earlier in draw(st.lists(st.sampled_from(history[: now + 1]), max_size=3)):
            if draw(st.booleans()):
                by_trail.append(earlier.by_cloudtrail(draw(LATE)))
                continue
            package, event = change.as_package(described), earlier.event(evented)
            if doubt(event, package, [*by_word, *by_trail]) == "" and package.last_actor == APPROVER:
                by_word.append(on_word(package))
    return history, len(history) - 1, by_word, by_trail, described


World = tuple[list[Change], int, list[AuditRecord], list[AuditRecord], timedelta]


@LAW
@given(told())
def test_nobody_is_on_record_for_what_somebody_else_set(world: World) -> None:
    history, _, by_word, _, _ = world
    really = {(c.at, c.content) for c in history if c.what == "approve" and c.actor == APPROVER}
    rejected = {(c.at, c.content) for c in history if c.what == "reject" and c.actor == APPROVER}
    for record in by_word:
        assert (record.moment, record.content_hash) in (really if record.status == "Approved" else rejected)


def test_such_worlds_open_something() -> None:
    """The law below is about something: on SageMaker's word alone, beside others' changes."""

    def opens(world: World) -> bool:
        history, last, by_word, by_trail, resolution = world
        package = history[last].as_package(resolution)
        found = entitle_package(RULES, package, [*by_word, *by_trail], questions=ASKED, now=at(60))
        return len(history) > 1 and bool(found.entitlements)

    assert find(told(), opens, settings=settings(max_examples=5000, deadline=None))


@LAW
@given(told(), st.booleans())
def test_a_stage_opens_on_an_approvers_own_call_on_what_is_there(world: World, is_open: bool) -> None:  # noqa: FBT001
    """Whatever CloudTrail has said so far, and however late: and a stage that wasn't open, on the last change alone."""
    history, last, by_word, by_trail, resolution = world
    package = history[last].as_package(resolution)
    found = entitle_package(
        RULES, package, [*by_word, *by_trail], questions=ASKED, open_stages=("prod",) if is_open else (), now=at(60)
    )
    for entitlement in found.entitlements:
        approval = entitlement.approval
        assert approval is not None
        assert package.status is APPROVED
        assert any(
            c.what == "approve" and (c.at, c.actor, c.content) == (approval.moment, APPROVER, approval.content_hash)
            for c in history
        )
        assert is_open or approval.content_hash == package.content_hash


@LAW
@given(st.integers(1, 59_999).filter(lambda ms: ms % 1000), LATE)
def test_an_approval_opens_at_once_and_agreement_by_cloudtrail_changes_nothing(ms: int, late: timedelta) -> None:
    call = Change(
        number=0, what="approve", actor=APPROVER, at=at(0) + MILLISECOND * ms, status="Approved", content="content-0"
    )
    package = call.as_package(MILLISECOND)
    assert doubt(call.event(MILLISECOND), package, ()) == ""
    record = on_word(package)
    (before,) = entitle_package(RULES, package, [record], questions=ASKED, now=at(120)).entitlements
    (after,) = entitle_package(
        RULES, package, [record, call.by_cloudtrail(late)], questions=ASKED, now=at(120)
    ).entitlements
    assert before.approval
    assert after.approval
    assert (before.stage, before.approval.id, str(before.approval)) == (
        after.stage,
        after.approval.id,
        str(after.approval),
    )
