"""What happens to the system rather than to a version: hands that change AWS behind its back, people who start it
themselves, and events that come again.
"""

from __future__ import annotations

from demo.checks import nothing_to_do, runs
from demo.package import others
from demo.package.hands import Hands
from demo.people import OWNER
from demo.replays import deliver, delivered
from demo.runs import start
from demo.story import Aftermath, Finding, Step

_HEADING = "Documents:\n"


def behind_its_back(hands: Hands) -> Step:
    """Somebody takes what isn't theirs out of the bucket's policy. No event tells of that."""
    action = "somebody takes Stagegate's statements out of the bucket's policy"
    return Step(action, lambda: others.remove_stagegates(hands.registry, "bucket"), hands.expected(without_bucket=True))


def by_hand(hands: Hands, number: int) -> Step:
    """A person starts a run, which looks at every document, says what becomes of it, and puts back what is missing."""
    subject = hands.registry.version(number)

    def shows(after: Aftermath) -> Finding:
        lines = [line for message in after.messages for line in _documents(message.text)]
        about = [line.partition(": ")[2] for line in lines if line.startswith(f"bucket {hands.registry.bucket} ")]
        ok = any(line.startswith("+ ") and "s3:GetObject" in line for line in about)
        observed = "says in its message what becomes of the bucket's policy:"
        return Finding("says what becomes of the bucket's policy", observed, ok=ok, excerpt=tuple(about))

    checks = [runs(1, 1), shows, others.stay(hands.registry)]
    return hands.step(f"{OWNER} starts a run by hand", lambda: start(hands.organization, subject), checks)


def latecomers(hands: Hands, since: int) -> Step:
    """Every event of the story comes again, the youngest first: also those of approvals that don't hold any more.
    `since`: how many events had been delivered when it began. Several subjects are looked at at once, so that calls
    are counted for more than one of them: nobody's costs are judged.
    """
    events = delivered(hands.organization)[since:][::-1]
    action = f"all {len(events)} events of the story come again, the last one first"
    return Step(action, lambda: deliver(events), hands.expected(), [runs(len(events)), nothing_to_do])


def _documents(message: str) -> list[str]:
    """The lines of a message's part on documents, without their dashes."""
    _, found, rest = message.partition(_HEADING)
    return [line.removeprefix("- ") for line in rest.partition("\n\n")[0].splitlines()] if found else []
