"""Messages as SNS takes them: a subject line and a text."""

from collections.abc import Iterable
from dataclasses import dataclass

from stagegate.core.untrusted import one_line

SUBJECT_LIMIT = 100
"""Characters of an SNS subject, printable ASCII and no line breaks (API reference of SNS Publish)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to the approvers' topic."""

    subject: str
    text: str


def mail(subject: str, parts: Iterable[Iterable[str]]) -> Message:
    """Return a message of parts with an empty line between them. Each line is one line, whatever is in it."""
    paragraphs = ("\n".join(map(one_line, part)) for part in parts)
    return Message(subject=subject_line(subject), text="\n\n".join(filter(None, paragraphs)) + "\n")


def subject_line(text: str) -> str:
    """Return text as SNS takes it for a subject: ASCII, one line, at most 100 characters."""
    flat = " ".join(one_line(text, None).split()).encode("ascii", "replace").decode()
    return flat if len(flat) <= SUBJECT_LIMIT else f"{flat[: SUBJECT_LIMIT - 3]}..."
