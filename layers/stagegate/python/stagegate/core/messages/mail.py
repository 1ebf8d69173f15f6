"""Messages: a subject line, a text, and what subscriptions and programs go by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stagegate.core.messages.kinds import MessageKind
from stagegate.core.untrusted import one_line

SUBJECT_LIMIT = 100
"""Characters of an SNS subject, printable ASCII and no line breaks (API reference of SNS Publish)."""

ENCRYPTED = "[what is encrypted]"
"""A line that stands for what is encrypted. Nothing of others' is ever a whole line."""
TO_DECIDE = "To decide:"
"""The line that begins what somebody is asked. Nothing of others' is ever a whole line."""
LEFT_OUT = (
    "What it says is encrypted with a customer key, and left out: messages.quote_encrypted of governance.toml lets"
    " mails quote it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What subscriptions filter messages by (see `channels`). What is "" or () isn't known, or isn't there.

    `kind`: what the message is for, the kind that leads first. `subject_type`: `model-card`, or `sweep` and the like
    for what is about no subject. `stages`: those that it is about. `risk` of the model, and its `audience`.
    """

    kind: tuple[MessageKind, ...]
    subject_type: str
    stages: tuple[str, ...] = ()
    risk: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to the approvers' topic. `sealed` is a ciphertext of what stands for the line ENCRYPTED, "" for none:
    what is encrypted goes through no log and no history in the clear. `details` are for programs, as JSON values (see
    `message.schema.json`).
    """

    subject: str
    text: str
    labels: Labels
    sealed: str = ""
    details: Mapping[str, object] = field(default_factory=dict)

    def with_line(self, line: str) -> "Message":
        """Return the message with a line in the place of ENCRYPTED."""
        lines = (line if each == ENCRYPTED else each for each in self.text.split("\n"))
        return replace(self, text="\n".join(lines), sealed="")


def message_from(said: Mapping[str, Any]) -> Message:
    """Return the message that a plan or a state machine has handed on, as JSON values. Raises KeyError, ValueError.

    While a deployment changes the functions, one of 0.2.0 may hand on a message without labels: it is a warning.
    """
    labels = said.get("labels", {"kind": [MessageKind.WARNING], "subject_type": ""})
    return Message(
        subject=said["subject"],
        text=said["text"],
        sealed=said.get("sealed", ""),
        details=said.get("details", {}),
        labels=labels_from(labels),
    )


def labels_from(said: Mapping[str, Any]) -> Labels:
    """Return the labels of a message that was handed on, as JSON values. Raises KeyError, ValueError."""
    return Labels(
        kind=tuple(MessageKind(kind) for kind in said["kind"]),
        subject_type=said["subject_type"],
        stages=tuple(said.get("stages", ())),
        risk=said.get("risk", ""),
        audience=said.get("audience", ""),
    )


def mail(
    subject: str, parts: Iterable[Iterable[str]], labels: Labels, details: Mapping[str, object] | None = None
) -> Message:
    """Return a message of parts with an empty line between them. Each line is one line, whatever is in it.

    Its subject line is `subject` behind the kind that leads.
    """
    paragraphs = ("\n".join(map(one_line, part)) for part in parts)
    return Message(
        subject=subject_line(f"{labels.kind[0]} {subject}"),
        text="\n\n".join(filter(None, paragraphs)) + "\n",
        labels=labels,
        details=details or {},
    )


def subject_line(text: str) -> str:
    """Return text as SNS takes it for a subject: ASCII, one line, at most 100 characters."""
    flat = " ".join(one_line(text, None).split()).encode("ascii", "replace").decode()
    return flat if len(flat) <= SUBJECT_LIMIT else f"{flat[: SUBJECT_LIMIT - 3]}..."
