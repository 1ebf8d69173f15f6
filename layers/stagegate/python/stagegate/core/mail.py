"""Messages as SNS takes them: a subject line and a text."""

from dataclasses import dataclass

SUBJECT_LIMIT = 100
"""Characters of an SNS subject, printable ASCII and no line breaks (API reference of SNS Publish)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to the approvers' topic."""

    subject: str
    text: str


def subject_line(text: str) -> str:
    """Return text as SNS takes it for a subject: ASCII, one line, at most 100 characters."""
    ascii_text = text.encode("ascii", "replace").decode()
    flat = " ".join("".join(c if c.isprintable() else " " for c in ascii_text).split())
    return flat if len(flat) <= SUBJECT_LIMIT else f"{flat[: SUBJECT_LIMIT - 3]}..."
