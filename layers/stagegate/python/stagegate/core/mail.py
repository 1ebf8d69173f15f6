"""Messages as SNS takes them: a subject line and a text."""

from collections.abc import Iterable
from dataclasses import dataclass

from stagegate.core.untrusted import one_line

SUBJECT_LIMIT = 100
"""Characters of an SNS subject, printable ASCII and no line breaks (API reference of SNS Publish)."""

ENCRYPTED = "[what is encrypted]"
"""A line that stands for what is encrypted. Nothing of others' is ever a whole line."""
LEFT_OUT = (
    "What it says is encrypted with a customer key, and left out: messages.quote_encrypted of governance.toml lets"
    " mails quote it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to the approvers' topic. `sealed` is a ciphertext of what stands for the line ENCRYPTED, "" for none:
    what is encrypted goes through no log and no history in the clear.
    """

    subject: str
    text: str
    sealed: str = ""

    def with_line(self, line: str) -> "Message":
        """Return the message with a line in the place of ENCRYPTED."""
        lines = (line if each == ENCRYPTED else each for each in self.text.split("\n"))
        return Message(subject=self.subject, text="\n".join(lines))


def mail(subject: str, parts: Iterable[Iterable[str]]) -> Message:
    """Return a message of parts with an empty line between them. Each line is one line, whatever is in it."""
    paragraphs = ("\n".join(map(one_line, part)) for part in parts)
    return Message(subject=subject_line(subject), text="\n\n".join(filter(None, paragraphs)) + "\n")


def subject_line(text: str) -> str:
    """Return text as SNS takes it for a subject: ASCII, one line, at most 100 characters."""
    flat = " ".join(one_line(text, None).split()).encode("ascii", "replace").decode()
    return flat if len(flat) <= SUBJECT_LIMIT else f"{flat[: SUBJECT_LIMIT - 3]}..."
