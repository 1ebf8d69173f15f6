"""What is kept of a subject's approvals: who changed it, what was asked about it, and how far the list has come."""

from dataclasses import dataclass, field

from stagegate.approvals.questions import Question
from stagegate.approvals.records import AuditRecord
from stagegate.approvals.tags.record import TagRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last entry of a subject's list: how many there are, and its digest, which stands for all before it, too."""

    number: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The records and questions of a subject, and who set its tags, each in the order in which they came, and the head
    of all.
    """

    records: tuple[AuditRecord, ...] = ()
    questions: tuple[Question, ...] = ()
    tags: tuple[TagRecord, ...] = ()
    head: Head = field(default=Head())

    def has(self, id_: str) -> bool:
        """Tell whether an entry is there already."""
        return any(record.id == id_ for record in self.records) or any(asked.id == id_ for asked in self.questions)
