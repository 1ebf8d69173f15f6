"""What was read of the public hub is kept until the model has another version, or a filter can ask for more."""

from collections.abc import Mapping
from typing import Any

import pytest

from stagegate.core.errors import ThrottledError
from stagegate.ledger import catalogue, items
from stagegate.ledger.catalogue import Entry
from stagegate.rules.filters.fields import Value
from tests.support.builders import NOON
from tests.support.scripted import Scripted
from tests.support.table import NAME, Table

DOCUMENT: Mapping[str, Value] = {
    "Provider": "Meta",
    "TrainingSupported": True,
    "Capabilities": ("TRAINING", "FINE_TUNING"),
    "ModelTypes": (),
}


def entries(count: int) -> list[Entry]:
    return [
        Entry(
            name=f"a-b-{n:03}",
            version="1.1.0",
            seen=NOON,
            before="1.0.0" if n % 2 else None,
            document=DOCUMENT if n % 3 else None,
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 25, 60])
def test_entries_come_back_as_they_were(table: Table, count: int) -> None:
    catalogue.write(table.client, table.name, "us-east-1", entries(count))
    catalogue.write(table.client, table.name, "us-east-1", entries(count))
    found = catalogue.read(table.client, table.name, "us-east-1")
    assert found == {entry.name: entry for entry in entries(count)}
    assert catalogue.read(table.client, table.name, "eu-west-1") == {}


def test_a_document_of_which_less_was_kept_is_read_anew(table: Table) -> None:
    catalogue.write(table.client, table.name, "us-east-1", entries(3))
    kept = table.get(items.catalogue_key("us-east-1"), "a-b-001") or {}
    table.put(items.catalogue_key("us-east-1"), "a-b-001", {**kept, "requested": "another"})
    assert catalogue.read(table.client, table.name, "us-east-1")["a-b-001"].document is None


def test_what_dynamodb_leaves_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    left: list[Any] = []

    def answer(request: Any) -> dict[str, Any]:
        (requests,) = request["RequestItems"].values()
        left.append(len(requests))
        return {"UnprocessedItems": {NAME: requests[10:]}} if len(requests) > 10 else {"UnprocessedItems": {}}

    catalogue.write(Scripted("dynamodb", BatchWriteItem=answer).client, NAME, "us-east-1", entries(25))
    assert left == [25, 15, 5]
    assert pauses == [0.1, 0.2]


def test_what_dynamodb_never_takes_is_an_error_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    dynamodb = Scripted("dynamodb", BatchWriteItem=lambda request: {"UnprocessedItems": dict(request["RequestItems"])})
    with pytest.raises(ThrottledError, match="3 entries"):
        catalogue.write(dynamodb.client, NAME, "us-east-1", entries(3))
