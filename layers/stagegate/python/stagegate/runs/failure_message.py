"""What the approvers are told of a run that has failed. Apart from all other messages: notify loads nothing else."""

from stagegate.core.errors import StillOpenError
from stagegate.core.mail import Message, subject_line

_STILL_OPEN = (
    "Everything else that was to be closed is closed, and nothing was opened. The next event about it and each sweep"
    " try again.\n"
)
_STOPPED = (
    "Nothing opens before all that closes is closed. If it stopped before that, what should be closed may still be open"
    " until the next event about it, or the next sweep.\n"
)
_STOPPED_AGAIN = "StoppedAgainError"
"""As `ReadInput` in govern names it."""
_AGAIN = (
    "What should be closed may still be open, until the next event about the subject or the next sweep. Look at the"
    " histories of both executions first; when the cause is gone, start a run by hand with the `subject` of that"
    " input.\n"
)


def failure_message(subject: str | None, execution: str, error: str, cause: str) -> Message:
    """Return what the approvers are told when a run has failed: nothing further was opened, and what to look at."""
    is_open = error == StillOpenError.__name__
    stopped = (
        f"{_STILL_OPEN if is_open else _STOPPED}"
        f"Execution: {execution}\n"
        "When the cause is gone, start it again by hand with the same subject.\n"
    )
    unread = (
        f"Nothing was looked at or changed.\nExecution: {execution}\nStart it again with an input that is allowed.\n"
    )
    ended = "has failed: what should be closed is still open." if is_open else "has failed and stopped where it was."
    text = (
        f"A run about {subject or 'an unreadable input'} {ended}\n\n"
        f"{error}:{chr(10) if is_open else ' '}{cause}\n\n"
        f"{stopped if subject else unread}"
    )
    if error == _STOPPED_AGAIN:
        return Message(
            subject=subject_line(f"FAILED {error}: two runs, one after the other"),
            text=f"A run was stopped, or could not give back its claim, and so it was with the run that followed it."
            f"\n\n{error}: {cause}\n\n{_AGAIN}Execution: {execution}\n",
        )
    name = subject.partition("/")[2] if subject else "input"
    return Message(subject=subject_line(f"FAILED {error}: {name}"), text=text)
