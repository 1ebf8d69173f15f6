"""What happens to the system rather than to a version: hands that change AWS behind its back, people who start it
themselves, and events that come again.
"""

from __future__ import annotations

from demo.judge.checks import nothing_to_do, runs
from demo.judge.replays import deliver, delivered
from demo.judge.runs import start
from demo.package import others
from demo.package.actions import Actions
from demo.package.pipeline import Pipeline
from demo.package.registry import GROUP
from demo.people import OWNER
from demo.story import Aftermath, Finding, Step

_HEADING = "Documents:\n"


def behind_its_back(actions: Actions) -> Step:
    """Somebody takes what isn't theirs out of the bucket's policy. No event tells of that."""
    action = "somebody takes Stagegate's statements out of the bucket's policy"
    return Step(
        action,
        lambda: others.remove_stagegates(actions.registry, "bucket"),
        actions.expected_access(without_bucket=True),
    )


def manual_run(actions: Actions, number: int) -> Step:
    """A person starts a run, which looks at every document, says what becomes of it, and puts back what is missing."""
    subject = actions.registry.version(number)

    def shows(after: Aftermath) -> Finding:
        lines = [line for message in after.messages for line in _documents(message.text)]
        about = [line.partition(": ")[2] for line in lines if line.startswith(f"bucket {actions.registry.bucket} ")]
        ok = any(line.startswith("+ ") and "s3:GetObject" in line for line in about)
        observed = "says in its message what becomes of the bucket's policy:"
        return Finding("says what becomes of the bucket's policy", observed, ok=ok, excerpt=tuple(about))

    checks = [runs(1, 1), shows, others.stay(actions.registry)]
    return actions.step(f"{OWNER} starts a manual run", lambda: start(actions.organization, subject), checks)


def latecomers(actions: Actions, since: int) -> Step:
    """Every event of the story comes again, the youngest first: also those of approvals that don't hold any more.
    `since`: how many events had been delivered when it began. Several subjects are looked at at once, so that calls
    are counted for more than one of them: nobody's costs are judged.
    """
    events = delivered(actions.organization)[since:][::-1]
    action = f"all {len(events)} events of the story come again, the last one first"
    return Step(action, lambda: deliver(events), actions.expected_access(), [runs(len(events)), nothing_to_do])


def forged(actions: Actions, pipeline: Pipeline, number: int) -> Step:
    """Somebody in prod puts events that say that a version has opened, and that others are closed. Neither is so."""

    def act() -> None:
        pipeline.forge("Access Opened", actions.registry.version(number))
        for other in actions.versions.keys() - {number}:
            pipeline.forge("Access Removed", actions.registry.version(other))

    action = f"somebody in {pipeline.profile} forges events: {GROUP}/{number} has opened, and others are closed"
    return actions.step(action, act, [runs(0, 0)])


def _documents(message: str) -> list[str]:
    """The lines of a message's part on documents, without their dashes."""
    _, found, rest = message.partition(_HEADING)
    return [line.removeprefix("- ") for line in rest.partition("\n\n")[0].splitlines()] if found else []
