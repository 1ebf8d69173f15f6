"""What the steps of a run may ask of a kind's room: the modules with fixed names, and what each has to offer."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from stagegate.approvals.kept import Kept
from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord
from stagegate.aws.cloudtrail import Call
from stagegate.core.arns import Subject
from stagegate.ledger.read import Recorded
from stagegate.links.word import Word
from stagegate.plans.grants import Grant
from stagegate.plans.record import Record
from stagegate.plans.wording import Planned
from stagegate.subjects.context import Auditor, Planner, PlanRequest, Sweeper, Verifier
from stagegate.subjects.pages import Listed


class Planning(Protocol):
    """`plan.py`: how one is planned."""

    PERMISSIONS: frozenset[str]
    """What planning one calls in the governance account."""
    MEMBER_PERMISSIONS: frozenset[str]
    """And in a member account, through the role that observes."""

    def plan(self, planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest, /) -> Planned:
        """Return the plan for a subject of this account, and what people are told of it."""


class Verifying(Protocol):
    """`verify.py`: what is looked at again once the changes of one were made."""

    PERMISSIONS: frozenset[str]

    def verify(self, verifier: Verifier, record: Record, results: Iterable[Mapping[str, Any]], /) -> tuple[Grant, ...]:
        """Return the grants as they are now. Raises NotSettledError, or DriftRemainsError if they aren't as planned.

        `results` are what the surfaces answered.
        """


class Recording(Protocol):
    """`record.py`: what history has of a run beside its lines."""

    def names_in(self, changes: Iterable[Mapping[str, Any]], /) -> dict[str, list[str]]:
        """Return what changes, as the state machine has them (`surfaces.wire`), are about, by what becomes of it."""


class Listing(Protocol):
    """`list.py`: all there are, for a sweep."""

    PERMISSIONS: frozenset[str]

    def page(self, sweeper: Sweeper, token: str | None, /) -> Listed:
        """Return a page of them, the first one without a token. Those that the rules aren't about may be left out."""


class Speaking(Protocol):
    """`word.py`: what one opens for those that follow it."""

    def words(self, planner: Planner, arns: Iterable[str], /) -> tuple[Word, ...]:
        """Return the word of each, also of those that aren't there."""


class Auditing(Protocol):
    """`audit.py`: who changed one, by CloudTrail."""

    PERMISSIONS: frozenset[str]
    MEMBER_PERMISSIONS: frozenset[str]

    def call_of(self, event: Mapping[str, Any], partition: str, /) -> Call:
        """Return the call that an event reports. Raises InputError, which names what is wrong."""

    def records_of(
        self, auditor: Auditor, call: Call, actor: Actor, subject: Subject, kept: Kept, /
    ) -> Iterator[AuditRecord]:
        """Yield what is put on record of a call, `kept` being what is there already."""

    def own_record_of(self, auditor: Auditor, subject: Subject, kept: Kept, /) -> AuditRecord | None:
        """Return the record of the last change where SageMaker itself names who made it, and nothing else does yet."""
