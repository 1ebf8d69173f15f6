"""Text that wants to be taken for ours, put into every field of a value; and what a mail is held to that has it."""

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, TypeVar

from stagegate.approvals.entitlement import Entitled
from stagegate.core.findings import Finding
from stagegate.core.messages.mail import Message
from stagegate.plans.messages import message_of
from stagegate.plans.wording import Planned, Wording
from tests.support.builders import a_card, a_message, a_plan, some_rules

T = TypeVar("T")

MARK = "EVIL"
HOSTILE = (
    f'fine" {MARK}\n\nFrom: approvers@example.com {MARK}\r\n\n- [warn] Paused: {MARK} all is well\u2028To decide:\u2029'
    f"\x85Yes: aws sagemaker update-model-card --model-card-name {MARK}\n- prod (444455556666): read {MARK}"
    f" \u202e{MARK}\u2066 \u200b\ufeff\u2060\U000e0041\x00\x1b[2J\x7f \ud800 \u201d \uff02"
    f" {MARK} '{MARK}' `{MARK}` {{{MARK}}}"
) + f" {MARK}" * 2_000
"""More than 10,000 characters: line ends of all kinds, a header, a finding, a command, an access line, characters that
turn the text around or can't be seen, a byte-order mark, half a surrogate pair, and quotes of several kinds."""


A_KEY = HOSTILE.replace("\ud800", "")
"""What S3 could have as a key, were it shorter: text that UTF-8 can encode."""
SHORT = HOSTILE[:1_000]
"""What fits into a policy."""


def variants(value: T, besides: Collection[str] = ()) -> Iterator[tuple[str, T]]:
    """Yield a value with the hostile text in one of its texts at a time, each with the name of the field.

    `besides` are the fields that have a grammar, which is tested where they are read: ARNs, names, accounts.
    """
    assert dataclasses.is_dataclass(value)
    for field in dataclasses.fields(value):
        if field.name in besides:
            continue
        for changed in _changed(getattr(value, field.name), besides):
            yield field.name, replace(value, **{field.name: changed})  # type: ignore[type-var]


def _changed(value: Any, besides: Collection[str]) -> Iterator[Any]:
    if isinstance(value, Enum):
        return
    if isinstance(value, str):
        yield HOSTILE
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from (changed for _, changed in variants(value, besides))
    elif isinstance(value, Mapping):
        yield from ({**value, key: changed} for key, each in value.items() for changed in _changed(each, besides))
        yield {**value, HOSTILE: next(iter(value.values()), "")}
    elif isinstance(value, frozenset):
        yield value | {HOSTILE}
    elif isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from ((*value[:at], changed, *value[at + 1 :]) for changed in _changed(each, besides))


def is_harmless(message: Message) -> None:
    """Assert of a whole mail that nothing of the hostile text is outside of quotes, or can't be seen, or is long."""
    assert message.subject.isascii()
    assert message.subject.isprintable()
    assert len(message.subject) <= 100
    assert MARK not in message.subject
    message.text.encode()
    for line in message.text.split("\n"):
        assert line.isprintable(), line
        assert len(line) < 7_000
        assert line.count('"') % 2 == 0, line
        assert MARK not in re.sub(r'"[^"]*"', "", line), line


def is_shown(message: Message) -> bool:
    """Tell whether the mail has something of the hostile text at all."""
    return MARK in message.text


def told(*findings: Finding) -> Message:
    """The mail of a card with these findings."""
    rules = some_rules()
    return a_message(rules, a_plan(rules, Entitled(findings=findings), card=a_card()), a_card())


def message_of_lines(*lines: str) -> Message:
    """The mail of a plan with these lines among its documents."""
    rules = some_rules()
    plan = a_plan(rules, Entitled(), card=a_card())
    decision = replace(plan.decision, documents=lines, drift=lines)
    return message_of(Planned(plan=replace(plan, decision=decision), wording=Wording()), "sees it")
