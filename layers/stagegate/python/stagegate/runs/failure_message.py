"""What the approvers are told of a run that has failed. Apart from all other messages: notify loads nothing else."""

from collections.abc import Iterator

from stagegate.core.errors import InputError, StagegateError, StillOpenError, UnknownSubjectError
from stagegate.core.messages.kinds import MessageKind
from stagegate.core.messages.mail import Labels, Message, mail
from stagegate.core.untrusted import quoted

_STILL_OPEN = (
    "Everything else that was to be closed is closed, and nothing was opened. The next event about it and each sweep"
    " try again."
)
_STOPPED = (
    "Nothing opens before all that closes is closed. If it stopped before that, what should be closed may still be open"
    " until the next event about it, or the next sweep."
)
_REPEATS_ITS_INPUT = {InputError.__name__, UnknownSubjectError.__name__}
_LONGEST_CAUSE = 2_500
_STOPPED_AGAIN = "StoppedAgainError"
"""As `ReadInput` in govern names it."""
_AGAIN = (
    "What should be closed may still be open, until the next event about the subject or the next sweep. Look at the"
    " histories of both executions first; when the cause is gone, start a run by hand with the `subject` of that input."
)


def failure_message(subject: str | None, execution: str, error: str, cause: str) -> Message:
    """Return what the approvers are told when a run has failed: nothing further was opened, and what to look at."""
    is_open = error == StillOpenError.__name__
    stopped = (
        _STILL_OPEN if is_open else _STOPPED,
        f"Execution: {execution}",
        "When the cause is gone, start it again by hand with the same subject.",
    )
    unread = (
        "Nothing was looked at or changed.",
        f"Execution: {execution}",
        "Start it again with an input that is allowed.",
    )
    ended = "has failed: what should be closed is still open." if is_open else "has failed and stopped where it was."
    kind = subject.split(":", 5)[-1].partition("/")[0] if subject else ""
    labels = Labels(kind=(MessageKind.FAILED,), subject_type=kind)
    details = {"error": error}
    if error == _STOPPED_AGAIN:
        return mail(
            f"{error}: two runs, one after the other",
            [
                ["A run was stopped, or could not give back its claim, and so it was with the run that followed it."],
                [f"{error}: {quoted(cause, _LONGEST_CAUSE)}"],
                [_AGAIN, f"Execution: {execution}"],
            ],
            labels,
            details,
        )
    name = subject.partition("/")[2] if subject else "input"
    return mail(
        f"{error}: {name}",
        [
            [f"A run about {subject or 'an unreadable input'} {ended}"],
            [f"{error}:", *cause.splitlines()] if is_open else [f"{error}: {_said(error, cause)}"],
            stopped if subject else unread,
        ],
        labels,
        details,
    )


def _said(error: str, cause: str) -> str:
    """Return the cause: in our words, or in quotes where it is others', or repeats what they have sent."""
    is_ours = error in set(_names(StagegateError)) - _REPEATS_ITS_INPUT
    return cause if is_ours else quoted(cause, _LONGEST_CAUSE)


def _names(kind: type[StagegateError]) -> Iterator[str]:
    yield kind.__name__
    for each in kind.__subclasses__():
        yield from _names(each)
