"""A ledger of several subjects and hours, and who changes it: they know how entries are hashed, and can write all."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from stagegate.approvals.kept import Head
from stagegate.evidence import chain, heads
from stagegate.evidence.model import Heads, List
from stagegate.evidence.verify import Known
from stagegate.ledger import entries, imports, items, read, write
from stagegate.ledger.chains.trails import trails_of
from stagegate.plans.record import Outcome, Record
from tests.support.builders import CARD_ARN, NOON, PROD, a_grant, a_question, a_record, the_subject
from tests.support.table import Table

Item = dict[str, Any]

CARDS = tuple(f"{CARD_ARN}-{number}" for number in range(3))
PACKAGE = CARD_ARN.replace("model-card/churn", "model-package/churn/1")
GROUP = CARD_ARN.replace("model-card/churn", "model-package-group/churn")
OLD = f"{CARD_ARN}-of-0.2.0"
"""Its first entries have no digests."""
SUBJECTS = (*CARDS, PACKAGE, GROUP, OLD)
HOURS = 4


@dataclass(slots=True)
class Ledger:
    """All items, by hour; what was kept at the end of each hour but the last; and the number of each kept end."""

    hours: list[list[Item]] = field(default_factory=list)
    kept: list[Heads] = field(default_factory=list)

    def known(self) -> Known:
        found = Known()
        for each in self.kept:
            found.add(heads.heads_of(heads.document_of(each)))
        return found

    def kept_until(self, subject: str, name: List = List.HISTORY) -> int:
        """The number of the newest end that was kept of a subject."""
        return self.kept[-1].heads[subject][name].number


def played(table: Table) -> Ledger:
    """Runs, approvals, questions and imports of several hours, by the functions that write them."""
    made = Ledger()
    for subject in SUBJECTS:
        table.claim("run", subject)
    for hour in range(HOURS):
        for subject in SUBJECTS:
            for minute in range(2 if subject == GROUP else 3):
                _happens(table, subject, NOON + timedelta(hours=hour, minutes=minute), hour)
        found = [items.values(each) for each in table.client.scan(TableName=table.name)["Items"]]
        made.hours.append(found)
        if hour < HOURS - 1:
            made.kept.append(heads_in(found, NOON + timedelta(hours=hour, minutes=59)))
    return made


def heads_in(found: Iterable[Item], at: datetime) -> Heads:
    ends: dict[str, dict[List, Head]] = {}
    for subject, trail in trails_of(found).items():
        named = {List.HISTORY: trail.head, List.APPROVALS: trail.counts}
        ends[subject] = {name: head for name, head in named.items() if head}
    return Heads(at=at, heads={subject: lists for subject, lists in ends.items() if lists})


def _happens(table: Table, subject: str, at: datetime, hour: int) -> None:
    if subject == OLD and hour == 0:
        _before_chains(table, at)
        return
    has_approvals = subject != GROUP
    if has_approvals:
        entry = replace(a_record(id_=f"e-{at.isoformat()}"), at=at)
        table.keep(entry if at.minute % 2 else replace(a_question(), id=entry.id, at=at), arn=subject)
    recorded = read.read(table.client, table.name, subject, read.Reading(execution="run", has_approvals=has_approvals))
    record = Record(
        subject=the_subject(subject),
        outcome=Outcome.CHANGES,
        status="Approved",
        version=1 + hour,
        grants=(a_grant("prod", PROD),) * (at.minute % 2),
        head=recorded.kept.head,
    )
    by = write.Round(
        execution="run",
        number=0,
        at=at,
        has_approvals=has_approvals,
        lines=(f"at {at}",),
        after=recorded.chain,
        is_first=not recorded.is_known,
    )
    write.record(table.client, table.name, record, by)
    if subject == PACKAGE:
        imports.record_end(
            table.client,
            table.name,
            subject,
            outcome="import imported",
            lines=["it is there"],
            holder="an import",
            now=at + timedelta(seconds=20),
        )


def _before_chains(table: Table, at: datetime) -> None:
    said = {"status": "Approved", "outcome": "changes", "grants": [], "findings": [], "execution": "old"}
    said["at"] = items.text_of(at)
    table.put(items.history_key(OLD), f"{said['at']}#old#0", {**said, "changes": ["open"]})
    table.put(items.subject_key(OLD), items.VIEW, said)


@dataclass(slots=True)
class Forger:
    """The items as they are now, to be changed."""

    seed: int
    ledger: Ledger
    rng: random.Random = field(init=False)
    items: list[Item] = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 (the same ones each time)
        self.items = copy.deepcopy(self.ledger.hours[-1])

    def one(self, *subjects: str) -> str:
        return self.rng.choice(subjects or SUBJECTS)

    def chain_of(self, subject: str, name: List = List.HISTORY) -> list[Item]:
        """The entries of a chain, in its order."""
        if name is List.APPROVALS:
            found = [each for each in self.in_(items.approvals_key(subject)) if each["sk"] != items.CURRENT]
        else:
            found = [*self.in_(items.history_key(subject)), *self.in_(items.ended_key(subject))]
        return sorted((each for each in found if "number" in each), key=lambda each: each["number"])

    def in_(self, pk: str) -> list[Item]:
        return [each for each in self.items if each["pk"] == pk]

    def head_of(self, subject: str) -> Item:
        (found,) = self.in_(items.chain_key(subject))
        return found

    def views_of(self, subject: str) -> list[Item]:
        places = (items.view_key(subject), items.subject_key(subject))
        return [each for each in self.items if each["pk"] in places and each["sk"] == items.VIEW]

    def remove(self, gone: Sequence[Item]) -> None:
        self.items = [each for each in self.items if not any(each is one for one in gone)]

    def alter(self, entry: Item) -> None:
        """Change something that an entry says."""
        if "asked" in entry:
            entry["asked"]["content_hash"] = "another"
        elif "actor" in entry:
            entry["actor"] = "arn:aws:sts::111122223333:assumed-role/Another/somebody"
        elif "grants" in entry and self.rng.random() < 0.5:
            entry["grants"] = [] if entry["grants"] else [{"stage": "prod", "accounts": [PROD]}]
        elif "previous" in entry and self.rng.random() < 0.3:
            entry["previous"] = "0" * 64
        else:
            entry[self.rng.choice(["outcome", "execution", "by"])] = "another"

    def anew(self, subject: str, found: Sequence[Item], name: List = List.HISTORY) -> None:
        """Compute a whole chain anew, in this order, and move its end: nothing in it shows what was done."""
        head = Head()
        for entry in found:
            values = {key: value for key, value in entry.items() if key not in chain.OF_CHAIN}
            begins = bool(entry.get("begins"))
            made = chain.linked(values, head, begins=begins and not head.number)
            if name is List.APPROVALS:
                made = {**values, "number": head.number + 1, "previous": head.digest or None}
                made = {key: value for key, value in made.items() if value is not None}
                made["digest"] = entries.digest_of(made)
            entry.clear()
            entry.update(made)
            head = Head(number=int(made["number"]), digest=made["digest"])
        if name is List.APPROVALS:
            (current,) = [each for each in self.in_(items.approvals_key(subject)) if each["sk"] == items.CURRENT]
            listed = [{key: value for key, value in each.items() if key not in ("pk", "sk")} for each in found]
            current.update(number=head.number, head=head.digest, entries=listed)
        else:
            self.head_of(subject).update(number=head.number, digest=head.digest)

    def show_as_open(self, subject: str, entry: Item) -> None:
        """Let what is open now be what an entry says."""
        for view in self.views_of(subject):
            for name in ("status", "version", "outcome", "grants", "findings", "execution", "at"):
                view.pop(name, None)
                if name in entry:
                    view[name] = copy.deepcopy(entry[name])
