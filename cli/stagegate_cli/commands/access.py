"""`access`: who can use what, since when, by whose approval, and through what; now, or as of an earlier time."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from stagegate.access.as_of import HistoryCutError, as_of, limits_of
from stagegate.access.model import Access, SubjectRecord
from stagegate.access.who import Asked, access_of, selected
from stagegate.ledger.survey.table import survey
from stagegate.rules.model import Rules
from stagegate_cli import codes
from stagegate_cli.asked import known
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.names import titled
from stagegate_cli.problems import Problem
from stagegate_cli.screen import Screen, some, when


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One account's access to one model through one thing.

    `can` is `read`, `read and write`, `deploy`, `register`, `see` or `see and deploy`. `roles` are the stage's by the
    rules of now; none where every role of the account counts that its administrators let. `through` is the ARN of a
    share, or a policy or key. `approval` is the id of the record of the approval, null where the rules ask for none.
    """

    subject: str
    stage: str
    audience: str
    account: str
    roles: list[str]
    can: str
    surface: str
    through: str
    since: datetime
    approval: str | None
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessResult:
    """Who can use what, by the ledger. `as_of` is null for now; `limits` say what the ledger can't say."""

    as_of: datetime | None
    rows: list[AccessRow]
    limits: list[str]

    @property
    def code(self) -> int:
        """The exit code."""
        return codes.OK


def access(connection: Connection, rules: Rules, asked: Asked, moment: datetime | None) -> AccessResult:
    """Return the access that is asked for. Raises Problem for a name that neither the rules nor the ledger know."""
    with calling("read the ledger", no_stack(connection)):
        found = survey(connection.client("dynamodb"), connection.table, until=moment)
    try:
        records = [as_of(record, moment) if moment else record for record in found.subjects]
    except HistoryCutError as error:
        raise Problem(str(error)) from error
    asked = known(asked, found.settled(rules, connection.account), found.subjects, connection)
    cards = {record.subject.arn: record for record in records}
    rows = [row for record in records for row in selected(access_of(record, rules, cards.get(record.card)), asked)]
    limits = _limits_now(records, is_withdrawn=found.is_withdrawn)
    if moment:
        limits = list(limits_of(records, moment, found.began))
    return AccessResult(as_of=moment, rows=[_row(each) for each in rows], limits=limits)


def _limits_now(records: list[SubjectRecord], *, is_withdrawn: bool) -> list[str]:
    limits = ["The ledger has what Stagegate opened. What others have opened isn't in it."]
    behind = sum(record.is_behind for record in records)
    if behind:
        limits.append(f"Runs of {some(behind, 'subject')} haven't ended: what they change isn't in it yet.")
    if is_withdrawn:
        limits.append("Stagegate is withdrawn: every run closes, and nothing opens.")
    return limits


def _row(found: Access) -> AccessRow:
    return AccessRow(
        subject=found.subject.arn,
        stage=found.stage,
        audience=found.audience,
        account=found.account,
        roles=list(found.roles),
        can=found.can,
        surface=found.surface,
        through=found.through,
        since=found.since,
        approval=found.approval,
        approved_by=found.approved_by,
    )


def show(found: AccessResult, screen: Screen) -> None:
    """Print it for people, a model after the other."""
    models = {row.subject for row in found.rows}
    accounts = {row.account for row in found.rows}
    at = f"as of {found.as_of:%Y-%m-%d %H:%M:%S} UTC" if found.as_of else "as recorded now"
    open_to = f"{some(len(models), 'model')} open to {some(len(accounts), 'account')}" if models else "Nothing is open"
    screen.line(f"{open_to}, {at}", "head")
    for subject, rows in groupby(found.rows, key=lambda row: row.subject):
        _show_model(subject, list(rows), screen)
    screen.line()
    for text in found.limits:
        screen.prose(text, indent="", style="dim")


def _show_model(subject: str, rows: list[AccessRow], screen: Screen) -> None:
    screen.head(titled(subject))
    screen.line(f"  {subject}", "dim")
    screen.table(
        ("stage", "account", "can", "through", "since"),
        ((_stage(row), row.account, row.can, row.surface, when(row.since).removesuffix(" UTC")) for row in rows),
    )
    for stage, roles, words in dict.fromkeys((_stage(row), tuple(row.roles), row.approved_by) for row in rows):
        whose = f"as {', '.join(roles)}" if roles else "as any role that the account lets"
        screen.prose(f"{stage}: {whose}{f'; approved by {words}' if words else ''}", indent="    ", first="  ")


def _stage(row: AccessRow) -> str:
    return f"{row.stage} ({row.audience})" if row.audience else row.stage
