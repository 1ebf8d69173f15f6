"""What other teams have written is compared as a whole, in whichever of its forms a service gives it back."""

from types import SimpleNamespace
from typing import Any

import pytest

from soak.histories import documents

ROOT = "arn:aws:iam::777788889999:root"
THEIRS = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": ["s3:PutObject", "s3:GetObject"],
    "Resource": ["arn:aws:s3:::b/*"],
}
REWRITTEN = {
    **THEIRS,
    "Principal": {"AWS": ["777788889999"]},
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": "arn:aws:s3:::b/*",
}
NAMELESS = {name: value for name, value in THEIRS.items() if name != "Sid"}


def lost(
    monkeypatch: pytest.MonkeyPatch, *found: dict[str, Any], theirs: dict[str, Any] = THEIRS, id_: str = "others"
) -> str:
    monkeypatch.setattr(documents, "read", lambda _: {"bucket": {"Id": id_, "Statement": list(found)}})
    world: Any = SimpleNamespace(foreign={"bucket": [theirs]}, key=SimpleNamespace(lost=lambda _: ""))
    return documents.lost(world)


@pytest.mark.parametrize("found", [THEIRS, REWRITTEN], ids=["as written", "as a service gives it back"])
def test_what_is_there_isnt_lost(monkeypatch: pytest.MonkeyPatch, found: dict[str, Any]) -> None:
    assert lost(monkeypatch, found) == ""


@pytest.mark.parametrize(
    "found",
    [[], [{**THEIRS, "Effect": "Deny"}], [{**THEIRS, "Action": "s3:GetObject"}], [THEIRS, REWRITTEN], [NAMELESS]],
    ids=["gone", "denies", "less", "twice", "without its Sid"],
)
def test_what_is_gone_or_says_something_else_is(monkeypatch: pytest.MonkeyPatch, found: list[dict[str, Any]]) -> None:
    assert "lost, changed or doubled" in lost(monkeypatch, *found)


def test_a_statement_without_a_sid_is_missed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lost(monkeypatch, NAMELESS, theirs=NAMELESS) == ""
    assert lost(monkeypatch, theirs=NAMELESS)


def test_so_is_the_id_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "its Id was others" in lost(monkeypatch, THEIRS, id_="ours")
