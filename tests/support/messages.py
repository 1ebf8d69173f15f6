"""Labels of messages, and what a message is as each protocol delivers it."""

import json
from collections.abc import Mapping
from typing import Any

from stagegate.core.messages.kinds import MessageKind
from stagegate.core.messages.mail import Labels

LABELS = Labels(kind=(MessageKind.SETTLED,), subject_type="model-card")


def handed_on(subject: str, text: str, **others: Any) -> dict[str, Any]:
    """A message as a plan or a state machine hands it on."""
    labels = {"kind": ["SETTLED"], "subject_type": "model-card", "stages": [], "risk": "", "audience": ""}
    return {"subject": subject, "text": text, "labels": labels, **others}


def mailed(published: Mapping[str, Any]) -> str:
    """What a mail says of what was published."""
    assert published["MessageStructure"] == "json"
    return str(json.loads(published["Message"])["default"])
