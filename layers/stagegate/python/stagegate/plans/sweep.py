"""What a sweep comes to: what it has counted, whether it may go on by itself, and what people are told."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from stagegate.core.messages.kinds import MessageKind, in_order
from stagegate.core.messages.mail import Labels, Message, mail
from stagegate.core.untrusted import one_line
from stagegate.rules.model import Rules
from stagegate.rules.sweeps import AfterDeployment

_SEVERAL = 2

NAMED = 20
"""How many subjects a message names; the rest is a number."""


class Trigger(StrEnum):
    """What starts a sweep."""

    SCHEDULE = "schedule"
    DEPLOYMENT = "deployment"
    ORGANIZATION = "organization"
    """Accounts were moved, have come or gone."""
    PERSON = "person"
    DRY_RUN = "dry run"
    WITHDRAWAL = "withdrawal"
    """A person asks what withdrawing Stagegate would take out."""


class Verdict(StrEnum):
    """What becomes of what a sweep has found."""

    NOTHING = "nothing"
    """Everything is as it should be."""
    APPLY = "apply"
    """A run is started for each subject that drifts."""
    SHOW = "show"
    """A person has asked to see it."""
    REPORT = "report"
    """The approvers are told, and nothing is started."""
    ASKED = "asked"
    """What subjects ask to close is closed; of the rest, which other rules or code ask for, the approvers are told."""
    STOP = "stop"
    """So much would close that somebody has to say yes."""
    BLIND = "blind"
    """So many accounts could not be looked into that the outage is ours: somebody has to say yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A subject that isn't as it should be, and how many of its grants putting it right closes and opens. `asked`: the
    subject asks for it itself, and no change of rules or release.
    """

    subject: str
    closes: int = 0
    opens: int = 0
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A subject that could not be planned, or not all of which could be looked at, and why."""

    subject: str
    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a sweep has counted so far: subjects looked at, those that drift or failed, grants, changes that close
    (`to_close`: what is open and should not be), and the accounts that it looked into, or could not in some place
    (`unseen`). Of `asked` subjects, which ask for it themselves, `asked_closes` grants close.

    `misnamed` are the first names on record that no subject can have: nobody can plan them, and nothing is open by
    them.
    """

    subjects: int = 0
    drifting: int = 0
    failed: int = 0
    open: int = 0
    closes: int = 0
    opens: int = 0
    to_close: int = 0
    asked: int = 0
    asked_closes: int = 0
    misnamed: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Totals":
        """Return the totals that went through the state machine as JSON."""
        values: dict[str, Any] = {n: tuple(each) if isinstance(each, list) else each for n, each in found.items()}
        return cls(**values)

    def with_accounts(self, accounts: Iterable[str], unseen: Iterable[str]) -> "Totals":
        """Return these totals with the accounts of one more page."""
        return replace(
            self,
            accounts=tuple(sorted({*self.accounts, *accounts})),
            unseen=tuple(sorted({*self.unseen, *unseen})),
        )

    def with_misnamed(self, names: Iterable[str]) -> "Totals":
        """Return these totals with the names of one more page, as many as a message names."""
        return replace(self, misnamed=(*self.misnamed, *names)[:NAMED])

    def plus(
        self, *, open_: int, to_close: int, drifting: Collection[Drift], failed: Collection[Failure], subjects: int
    ) -> "Totals":
        """Return these totals with those of one more page."""
        return replace(
            self,
            subjects=self.subjects + subjects,
            drifting=self.drifting + len(drifting),
            failed=self.failed + len(failed),
            open=self.open + open_,
            closes=self.closes + sum(drift.closes for drift in drifting),
            opens=self.opens + sum(drift.opens for drift in drifting),
            to_close=self.to_close + to_close,
            asked=self.asked + sum(drift.asked for drift in drifting),
            asked_closes=self.asked_closes + sum(drift.closes for drift in drifting if drift.asked),
        )


def judge(rules: Rules, totals: Totals, trigger: Trigger, *, is_withdrawn: bool = False) -> Verdict:
    """Return what becomes of what a whole sweep has found. Before this, nothing is changed.

    Once Stagegate `is_withdrawn`, somebody has said yes to all that closes.
    """
    if trigger is Trigger.WITHDRAWAL:
        return Verdict.SHOW
    if not totals.drifting:
        return Verdict.REPORT if totals.misnamed and trigger is not Trigger.DRY_RUN else Verdict.NOTHING
    if trigger is Trigger.DRY_RUN:
        return Verdict.SHOW
    if rules.paused:
        return Verdict.REPORT
    if is_withdrawn:
        return Verdict.APPLY
    is_report = trigger is Trigger.DEPLOYMENT and rules.sweep.after_deployment is AfterDeployment.REPORT
    if is_report and not totals.asked:
        return Verdict.REPORT
    if sees_too_little(rules, totals):
        return Verdict.BLIND
    if closes_too_much(rules, replace(totals, closes=totals.asked_closes) if is_report else totals):
        return Verdict.STOP
    return Verdict.ASKED if is_report and totals.asked < totals.drifting else Verdict.APPLY


def sees_too_little(rules: Rules, totals: Totals) -> bool:
    """Tell whether a sweep could not look into so many accounts, two at least, that it isn't they who keep it out."""
    unseen, accounts = len(totals.unseen), len({*totals.accounts, *totals.unseen})
    return unseen >= _SEVERAL and unseen * 100 > accounts * rules.sweep.ask_above_blind_percent


def closes_too_much(rules: Rules, totals: Totals) -> bool:
    """Tell whether a sweep would close more grants than it may without asking."""
    is_many = totals.closes > rules.sweep.ask_above_grants
    return is_many and totals.closes * 100 > totals.open * rules.sweep.ask_above_percent


def sweep_message(
    rules: Rules,
    totals: Totals,
    verdict: Verdict,
    named: Collection[Drift],
    *,
    notes: Collection[str],
    failures: str,
    sweep: str,
    state_machine: str,
) -> Message:
    """Return what people are told of a sweep that found something.

    `named` are the subjects to name, `notes` explain how some of them are counted, and `failures` is the
    `failures_message`.
    """
    plural = "subject isn't" if totals.drifting == 1 else "subjects aren't"
    parts = [
        [
            f"Sweep {sweep} has looked at {totals.subjects} subjects. {totals.drifting} {plural} as the rules say.",
            f"Putting that right closes {totals.closes} of {totals.open} open grants and opens {totals.opens}.",
            *filter(None, notes),
            *_still_open(totals, verdict),
        ],
        counts_of(totals, named),
        _misnamed(totals),
        failures.splitlines(),
        _what_next(rules, totals, verdict, sweep, state_machine),
    ]
    counts = {name: getattr(totals, name) for name in ("subjects", "drifting", "open", "closes", "opens", "failed")}
    details = {"sweep": sweep, "verdict": verdict.value, **counts}
    return mail(
        _headline(totals, verdict), parts, Labels(kind=_kinds(rules, totals, verdict), subject_type="sweep"), details
    )


def _kinds(rules: Rules, totals: Totals, verdict: Verdict) -> tuple[MessageKind, ...]:
    """Return what the message is for: a sweep that has stopped asks somebody to let it go on."""
    asks = verdict in (Verdict.STOP, Verdict.BLIND)
    kinds = {
        MessageKind.PAUSED: rules.paused and bool(totals.drifting),
        MessageKind.DECIDE: asks and not rules.paused,
        MessageKind.DRIFT: bool(totals.drifting),
        MessageKind.WARNING: bool(totals.failed or totals.misnamed),
    }
    return in_order({kind for kind, holds in kinds.items() if holds})


def counts_of(totals: Totals, named: Collection[Drift]) -> list[str]:
    """Return a line for each subject that is named, and one for all the others."""
    listed = [f"- {drift.subject}: closes {drift.closes}, opens {drift.opens}" for drift in named]
    if totals.drifting > len(listed):
        listed.append(f"- and {totals.drifting - len(listed)} more")
    return listed


def failures_message(totals: Totals, failed: Collection[Failure]) -> str:
    """Return what people are told of the subjects that could not be planned; "" where there are none."""
    if not totals.failed:
        return ""
    lines = [one_line(f"- {failure.subject}: {failure.error}: {failure.cause}") for failure in failed]
    if totals.failed > len(lines):
        lines.append(f"- and {totals.failed - len(lines)} more")
    head = f"{totals.failed} of {totals.subjects} subjects could not be looked at, or not in every place:"
    return "\n".join([head, *lines])


def _still_open(totals: Totals, verdict: Verdict) -> list[str]:
    """Return how much is open that should not be, where the sweep leaves it so."""
    if not totals.to_close or verdict is Verdict.APPLY:
        return []
    said = f"Open, and to be closed: {totals.to_close} places."
    if verdict is Verdict.ASKED:
        said += f" {totals.asked} subjects ask for it themselves, and are seen to now."
    return [said]


def _misnamed(totals: Totals) -> list[str]:
    if not totals.misnamed:
        return []
    head = "In the ledger, and the name of no subject: nothing is open by it, and it was left out."
    return [
        f"{head} docs/runbook.md says how to take it out of the ledger:",
        *(f"- {name!r}" for name in totals.misnamed),
    ]


def _headline(totals: Totals, verdict: Verdict) -> str:
    if not totals.drifting:
        return "a sweep has found names on record that no subject has"
    if verdict is Verdict.BLIND:
        accounts = len({*totals.accounts, *totals.unseen})
        return f"a sweep could not look into {len(totals.unseen)} of {accounts} accounts"
    if verdict is Verdict.STOP:
        return f"a sweep would close {totals.closes} of {totals.open} grants"
    return f"a sweep would close {totals.closes} and open {totals.opens} grants"


def _what_next(rules: Rules, totals: Totals, verdict: Verdict, sweep: str, state_machine: str) -> list[str]:
    if not totals.drifting or verdict not in (
        Verdict.STOP,
        Verdict.BLIND,
        Verdict.REPORT,
        Verdict.ASKED,
        Verdict.SHOW,
    ):
        return []
    what = "Of the rest nothing" if verdict is Verdict.ASKED else "Nothing"
    lines = [f"{what} was changed. To let it go on:", start_command(state_machine, f'{{"sweep": "{sweep}"}}')]
    if rules.paused:
        lines = ["Nothing is changed while governance.toml says paused; the next sweep on schedule says this again."]
    elif verdict is Verdict.BLIND:
        lines.append(
            f"It could not look into {', '.join(totals.unseen[:NAMED])}. That is more than"
            f" {rules.sweep.ask_above_blind_percent} % of the accounts, so the outage is likely Stagegate's own, and"
            " nothing closes for it: until it is over, every sweep on schedule stops and asks again."
        )
    elif closes_too_much(rules, totals):
        limits = f"{rules.sweep.ask_above_grants} grants and {rules.sweep.ask_above_percent} % of them"
        lines.append(f"It closes more than {limits}: until then, every sweep on schedule stops and asks again.")
    else:
        lines.append("The next sweep on schedule does the same; paused = true in governance.toml keeps it from that.")
    return [*lines, "What would become of one of them: a dry run of govern says it (docs/runbook.md)."]


def start_command(state_machine: str, input_: str) -> str:
    """Return the command that starts a sweep with an input."""
    return f"aws stepfunctions start-execution --state-machine-arn {state_machine} --input '{input_}'"
