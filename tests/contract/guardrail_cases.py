"""The requests of the guardrails' tables, as both evaluators are asked them: by boundary and by policy on accounts."""

from collections.abc import Iterator
from dataclasses import replace

from stagegate.rules.guardrails import GuardrailKind
from stagegate.subjects.guardrails.denials.documents import document_of
from tests.support.evaluators import ALLOWED, DENIED, EVERYTHING, Question
from tests.support.generated import Case
from tests.support.guardrail_requests import ACCOUNT, ASKS, ROLE, TABLES, Ask
from tests.support.published_guardrails import WRONG


def guardrail_cases() -> Iterator[tuple[str, Case]]:
    """Every guardrail's table, and what the published policies get wrong in the same requests."""
    for name, table in TABLES.items():
        for kind in GuardrailKind:
            text = document_of(replace(table.rule, by=kind), "aws")
            for how in (*table.refused, *table.allowed):
                expected = DENIED if how in table.refused else ALLOWED
                yield f"guardrail: {name}, {kind}", (how, _asked(ASKS[how], text, kind), expected)
    for name, wrong in WRONG.items():
        requested = _asked(ASKS[wrong.ask], wrong.document, GuardrailKind.BOUNDARY)
        yield f"published: {name}", (wrong.ask, requested, ALLOWED if wrong.does else DENIED)


def _asked(ask: Ask, text: str, kind: GuardrailKind) -> Question:
    requested = Question(role=ROLE, action=ask.action, resource=ask.resource, account=ACCOUNT, context=ask.context)
    return (
        replace(requested, scps=(EVERYTHING, text)) if kind is GuardrailKind.SCP else replace(requested, boundary=text)
    )
