"""What is on record of a subject: the access of its stages, what was written for it, and what was told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from stagegate.core.own_events import OwnEvent
from stagegate.plans.blindness import Blind

if TYPE_CHECKING:
    from stagegate.rules.model import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One stage's access as it is on record: since when, on whose approval (a record's id, and in words who gave it and
    when), and through what.

    A card is in a share. A package or a group has a grant for each `target` (its id, which starts with its type),
    and `digest` stands for what the stage has there; so has the key of an encrypted card, beside its share. A hub is in
    a share, and `write` says that its models may be deployed as well as seen. `audience`
    is whom the subject was for, "" where the rules have no audiences.
    """

    stage: str
    accounts: tuple[str, ...]
    write: bool
    permission: str
    since: datetime
    share_arn: str | None = None
    approval: str | None = None
    approved_by: str = ""
    target: str = ""
    digest: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedImport:
    """An import that has come to nothing: a digest of what was asked for, on which approval, and why."""

    digest: str
    approval: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the ledger last recorded of a subject. `last_notified_digest` is a digest of what the approvers last heard.

    `written` has each shared target, by id, that any run has begun to write for the subject, also one that failed
    before it could record its grants: a digest of what the subject has there, "" where that isn't known. A fence is one
    while it excepts the card (`EXCEPTED` in surfaces/fences/model.py). `planner_state` is what the last plan on record
    leaves to the next. `status`, `version` and `content_hash` are what it was made of, of how many `records` of changes
    (None where 0.2.0 has recorded it), and `by` which release and rules, "" where that isn't known. `failed` has each
    import that has failed, by its target's id; `blind` each place that sweeps could not look at. `sequence` is that of
    the last own event, 0 for none, and `own_events` are those of the last record that made any.
    """

    grants: tuple[Grant, ...] = ()
    last_notified_digest: str = ""
    written: Mapping[str, str] = field(default_factory=dict)
    planner_state: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, FailedImport] = field(default_factory=dict)
    blind: Mapping[str, Blind] = field(default_factory=dict)
    status: str = ""
    version: int | None = None
    content_hash: str | None = None
    records: int | None = None
    by: str = ""
    sequence: int = 0
    own_events: tuple[OwnEvent, ...] = ()

    def access(self) -> Mapping[str, bool]:
        """Return the accounts that see a card, each with whether it may write it (compare `access_of` of fences)."""
        access: dict[str, bool] = {}
        for grant in self.grants:
            for account in () if grant.target else grant.accounts:
                access[account] = access.get(account, False) or grant.write
        return access


def open_stages(rules: "Rules", view: View) -> frozenset[str]:
    """Return the stages that are open by the record to whom these rules have in them: of another audience, a stage is
    open only if it had these accounts.
    """
    accounts = {stage.name: set(stage.accounts) for stage in rules.stages}
    return frozenset(
        grant.stage
        for grant in view.grants
        if grant.audience == rules.audience or accounts.get(grant.stage, set()) <= set(grant.accounts)
    )


def approved_by(grant: Grant) -> str:
    """Return on whose word a grant is open, "" where nobody was asked."""
    return f", approved by {grant.approved_by}" if grant.approved_by else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCounts:
    """`open` grants are on record; `closes` of them end or lose something by the plan, and it `opens` others.
    `to_close` counts the changes that close, also where no grant of it is on record.
    """

    open: int = 0
    closes: int = 0
    opens: int = 0
    to_close: int = 0


def count_grants(before: Collection[Grant], after: Collection[Grant], *, is_changing: bool) -> GrantCounts:
    """Count the grants on record and those that a plan leaves. A plan that changes nothing closes and opens nothing.

    A grant that loses an account or the right to write is one that closes. What somebody has opened behind
    Stagegate's back is no grant: that it closes is nothing to count. Nor is what goes out of a hub that stays open:
    a sync has its own guard (see `too_many`), and thousands of models beside a few grants would make a share of all
    mean nothing.
    """
    if not is_changing:
        return GrantCounts(open=len(before))
    return GrantCounts(open=len(before), closes=_missing(before, after), opens=_missing(after, before))


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDifference:
    """What becomes of stages: which get access that had none (`opened`) and the other way round (`closed`), which get
    `more` and which `less` than they have, and which get another one in its place (`other`).
    """

    opened: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    @property
    def gains(self) -> bool:
        """Whether somebody gets access."""
        return bool(self.opened or self.more)

    @property
    def loses(self) -> bool:
        """Whether somebody loses access."""
        return bool(self.closed or self.less)

    @property
    def stages(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.opened, *self.more, *self.closed, *self.less, *self.other)


def stage_difference(before: Collection[Grant], after: Collection[Grant]) -> StageDifference:
    """Return what becomes of the stages whose grants aren't the same."""
    found: dict[str, list[str]] = {}
    for stage in dict.fromkeys(grant.stage for grant in (*before, *after)):
        then = [grant for grant in before if grant.stage == stage]
        now = [grant for grant in after if grant.stage == stage]
        gains, loses = _missing(now, then) > 0, _missing(then, now) > 0
        if gains or loses:
            what = "other" if gains and loses else "opened" if not then else "closed" if not now else ""
            found.setdefault(what or ("more" if gains else "less"), []).append(stage)
    return StageDifference(**{what: tuple(stages) for what, stages in found.items()})


def _missing(wanted: Collection[Grant], there: Collection[Grant]) -> int:
    return sum(not any(_covers(other, grant) for other in there) for grant in wanted)


def _covers(other: Grant, grant: Grant) -> bool:
    same_place = (other.stage, other.target) == (grant.stage, grant.target)
    return same_place and set(other.accounts) >= set(grant.accounts) and other.write >= grant.write
