"""One message as each protocol of SNS delivers it: text for mail, a notification for chats, and JSON for programs."""

import json
import re
from collections.abc import Mapping

from stagegate.core.messages.mail import TO_DECIDE, Message
from stagegate.core.untrusted import one_line

TOTAL_LIMIT = 262_144
"""Bytes of a message with its attributes, in all protocols together ("Publish", SNS API reference: 256 KiB)."""
_ATTRIBUTES = 4_096
"""Bytes that are kept for the attributes."""
_TRIES = ((100_000, True), (100_000, False), (40_000, False))
"""Bytes of the text, and whether programs get the details: what comes first and fits is sent. The last fits always."""
_CHAT = 2_500
_CHAT_LINE = 600
"""Bytes of a chat's description, and characters of a line of it."""
_PROGRAMS = ("firehose", "lambda", "sqs")
_SCHEMA = "1"
# What chats take for markup: links, mentions, code, bold and struck text. Nothing that others wrote may look like ours.
# The signs that names have in them become others that look the same.
_PLAIN = str.maketrans({"<": "(", ">": ")", "[": "(", "]": ")", "`": "'", "*": "\u2217", "~": "\u223c"})
# `_` begins and ends italics at the edge of a word alone: within one it is a part of a name.
_ITALICS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# By AWS's page "Custom notifications using Amazon Q Developer in chat applications".
_CHAT_SOURCE = {"version": "1.0", "source": "custom"}


def attributes(message: Message, outcome: str) -> dict[str, dict[str, str]]:
    """Return the attributes that subscriptions filter by. One that isn't known isn't there: SNS takes no empty one."""
    labels = message.labels
    lists: dict[str, tuple[str, ...]] = {"kind": labels.kind, "stages": labels.stages}
    texts = {
        "subject_type": labels.subject_type,
        "risk": labels.risk,
        "audience": labels.audience,
        "outcome": outcome,
    }
    return {
        **{
            name: {"DataType": "String.Array", "StringValue": json.dumps(list(values))}
            for name, values in lists.items()
            if values
        },
        **{name: {"DataType": "String", "StringValue": value} for name, value in texts.items() if value},
    }


def bodies(message: Message, text: str, about: Mapping[str, str]) -> str:
    """Return the message of all protocols, as `MessageStructure=json` takes it.

    `text` is for mail: the message's own, where a secret may stand that neither chats nor programs get. `about` has
    `subject` (an ARN, or the name of what has none, "" for none), `execution` and `outcome`.
    """
    chat, sent = _for_chats(message, about), ""
    for most, has_details in _TRIES:
        programs = dict.fromkeys(_PROGRAMS, _for_programs(message, about, has_details=has_details))
        protocols = {"default": _cut(text, most, "a dry run says them all"), "http": chat, "https": chat, **programs}
        sent = json.dumps(protocols, ensure_ascii=False)
        if len(sent.encode()) <= TOTAL_LIMIT - _ATTRIBUTES:
            break
    return sent


def _for_programs(message: Message, about: Mapping[str, str], *, has_details: bool) -> str:
    labels = message.labels
    whole = {
        "schema": _SCHEMA,
        "title": message.subject,
        "kind": list(labels.kind),
        "subject_type": labels.subject_type,
        "stages": list(labels.stages),
        "risk": labels.risk,
        "audience": labels.audience,
        **about,
        "details": dict(message.details) if has_details else {"left_out": True},
    }
    return json.dumps(whole)


def _for_chats(message: Message, about: Mapping[str, str]) -> str:
    text = "\n".join(one_line(line, _CHAT_LINE) for line in _plain(_to_decide_first(message.text)).split("\n"))
    title = _plain(message.subject)
    return json.dumps(
        {
            **_CHAT_SOURCE,
            "content": {
                "textType": "client-markdown",
                "title": title,
                "description": _cut(text, _CHAT, "the mail has them all"),
                "keywords": list(message.labels.kind),
            },
            "metadata": {
                # Everything about one subject is one thread.
                "threadId": about["subject"] or about["execution"],
                "summary": title,
                "eventType": str(message.labels.kind[0]),
                "relatedResources": [about["subject"]] if about["subject"] else [],
            },
        }
    )


def _plain(text: str) -> str:
    return _ITALICS.sub("\uff3f", text.translate(_PLAIN))


def _to_decide_first(text: str) -> str:
    """Return a message's text with what is to decide before what the subject says of itself, which may be long: a chat
    cuts the end.
    """
    head, *rest = text.rstrip("\n").split("\n\n")
    return "\n\n".join([head, *sorted(rest, key=lambda part: not part.startswith(f"{TO_DECIDE}\n"))]) + "\n"


def _cut(text: str, most: int, where: str) -> str:
    """Return whole lines of text that take at most so many bytes, how many more there are, and `where` they are."""
    if len(text.encode()) <= most:
        return text
    lines, kept, size = text.split("\n"), 0, 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > most:
            break
        kept += 1
    return "\n".join([*lines[:kept], f"... and {len(lines) - kept} lines more: {where}."])
