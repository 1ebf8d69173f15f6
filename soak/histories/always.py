"""What must be so after every step, whatever it was about: nothing of others is lost, and no failure is unheard."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from sandbox.kernel.place import REGION
from sandbox.stagegate.members import GOVERNANCE
from soak.histories import limits
from soak.histories.cards import Card
from soak.histories.documents import lost
from soak.histories.events import SubjectEvents, about
from soak.histories.packages import Package
from soak.histories.world import World
from soak.histories.wrong import Wrong, WrongError
from soak.oracle.facts import Deleted, History
from soak.simulation.table import plain


def news(subject: Card | Package) -> None:
    """Stagegate hears of every change, and who made it, unless the event was lost or is late."""
    if isinstance(subject, Package):
        _passed_on(subject.group, subject.group_history, subject.group_events)
    if subject.events is None or not _passed_on(subject.name, subject.history, subject.events):
        return
    last = subject.history.changes[-1]
    if not last.recorded and not isinstance(last, Deleted) and subject.events.withheld < last.at:
        raise WrongError(Wrong.OTHER, f"{subject.name}: no rule passes on who changed it")


def _passed_on(name: str, history: History, events: SubjectEvents) -> bool:
    """Whether anything has happened to it."""
    if not history.changes:
        return False
    last = history.changes[-1]
    if not history.is_looked_at and not last.recorded and events.withheld < last.at:
        raise WrongError(Wrong.OTHER, f"{name}: no rule passes on that it was changed")
    return True


def beyond(world: World, packages: Collection[Package]) -> None:
    """Nobody has more than the rules could ever give."""
    if said := limits.beyond(world, packages):
        raise WrongError(Wrong.TOO_MUCH, said)


def foreign(world: World) -> None:
    """What other teams have written is there, as they have written it."""
    if said := lost(world):
        raise WrongError(Wrong.FOREIGN_LOST, said)


def heard(world: World, *, alarm_is_enough: bool = False) -> None:
    """Nothing has failed without a message that names what it was about.

    `alarm_is_enough`: where the message itself could not be sent, an alarm says that something has failed.
    """
    executions = world.organization.executions()
    for run in executions[world.heard :]:
        if run.error == "ClaimLostError":
            raise WrongError(Wrong.OTHER, f"{run.name}: another run had its claim while it was at work")
        if run.status in ("FAILED", "TIMED_OUT"):
            since = run.stop_date.timestamp() - 60.0 if run.stop_date else 0.0
            named = subject_of(json.loads(run.execution_input)) or run.execution_arn
            told = any(
                (message.subject or "").startswith("FAILED") and named in message.text
                for message in world.organization.outbox
                if message.at >= since
            )
            alarmed = any("ALARM" in (m.subject or "") for m in world.organization.outbox if m.at >= since)
            if not told and not (alarm_is_enough and alarmed):
                why = f"no message of a failure names {named}: {run.cause}"
                raise WrongError(Wrong.UNHEARD, f"{run.name} {run.status} {run.error}: {why}")
    world.heard = len(executions)


def subject_of(given: dict[str, Any]) -> str:
    """The subject that an execution with this input is about; "" for a sweep."""
    if "detail" not in given:
        return str(given.get("subject") or given.get("requested", {}).get("subject") or "")
    if given["detail-type"] == "Step Functions Execution Status Change":
        return subject_of(json.loads(given["detail"]["input"]))
    return about(given)[1]


def claims(world: World) -> None:
    """No claim is held by anybody once all is at rest."""
    table = dynamodb_backends[GOVERNANCE][REGION].tables[world.organization.outputs["LedgerTable"]]
    for partition in table.items.values():
        for key, item in partition.items():
            if key.value == "CLAIM" and "holder" in plain(item):
                raise WrongError(
                    Wrong.CLAIM_HELD, f"{item.hash_key.value}: the claim is still held by {plain(item)['holder']}"
                )
