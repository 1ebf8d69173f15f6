"""What the approvers are told of a run that has failed. Apart from all other messages: notify loads nothing else."""

from stagegate.core.mail import Message, subject_line


def failure_message(subject: str | None, execution: str, error: str, cause: str) -> Message:
    """Return what the approvers are told when a run has failed: nothing further was opened, and what to look at."""
    stopped = (
        "Fences and revocations come before grants, so it may have opened too little and not too much.\n"
        f"Execution: {execution}\n"
        "When the cause is gone, start it again by hand with the same subject.\n"
    )
    unread = (
        f"Nothing was looked at or changed.\nExecution: {execution}\nStart it again with an input that is allowed.\n"
    )
    text = (
        f"A run about {subject or 'an unreadable input'} has failed and stopped where it was.\n\n"
        f"{error}: {cause}\n\n"
        f"{stopped if subject else unread}"
    )
    name = subject.partition("/")[2] if subject else "input"
    return Message(subject=subject_line(f"FAILED {error}: {name}"), text=text)
