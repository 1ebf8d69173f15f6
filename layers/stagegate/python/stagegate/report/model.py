"""What a report says, before it is written in any form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stagegate.access.model import Entry, SubjectRecord
from stagegate.access.timeline import Event
from stagegate.access.waiting import Waiting
from stagegate.core.findings import Finding
from stagegate.plans.grants import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose report it is, when it was `made`, and by which release and rules (as `aws.release.Release` says them)."""

    account: str
    region: str
    partition: str
    prefix: str
    made: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGrant:
    """A grant with what the rules say of it now.

    `roles` as in `access.model.Access`. `outside` are those of its accounts that the rules don't have in its stage any
    more: what is open there ends with the next run.
    """

    grant: Grant
    can: str
    surface: str
    roles: tuple[str, ...]
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A subject that gives access: its record, what is open, its events from the latest on, and whom it is for now.

    `audience` is "" for everybody and None for nobody (`Rules.audience`).
    """

    record: SubjectRecord
    grants: tuple[OpenGrant, ...]
    events: tuple[Event, ...]
    audience: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding that stands, and the subject that it is about."""

    record: SubjectRecord
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceStages:
    """The stages that the rules have for an audience, each with its accounts, in the order of the rules."""

    audience: str | None
    stages: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSize:
    """How large our statements of a policy are, rendered alone: what others have in it comes on top.

    `size` is None where they could not be rendered, and `limit` is AWS's, both in `unit`. `subjects` counts who wants
    something of it.
    """

    target: str
    title: str
    size: int | None
    limit: int
    unit: str
    subjects: int

    @property
    def share(self) -> float:
        """How full it is, from 0 to 1; 1 where it is not known."""
        return 1.0 if self.size is None else min(1.0, self.size / self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a report says. `changes` are runs of the last week that opened or closed something, the latest
    first, `documents` the fullest first. `drift` is the id of the newest sweep that has found anything, and how many
    subjects that were. `notices` say what holds for all of it (paused, withdrawn), `limits` what it can't say.
    """

    about: About
    models: tuple[Model, ...]
    findings: tuple[Found, ...]
    waiting: tuple[Waiting, ...]
    changes: tuple[tuple[SubjectRecord, Entry], ...]
    documents: tuple[DocumentSize, ...]
    audiences: tuple[AudienceStages, ...]
    behind: tuple[SubjectRecord, ...] = ()
    drift: tuple[str, int] = ("", 0)
    notices: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """What people call accounts, by their ids, where anybody has said."""
