"""What earlier releases have left behind is read by this one: their ledger, and what was on its way between functions.

`python -m tools.recorded tests/releases/VERSION` has recorded it, when the release was made.
"""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stagegate.aws.json import from_json, to_json
from stagegate.ledger import items
from stagegate.ledger.read import Reading, read
from stagegate.plans.grants import Grant
from stagegate.plans.record import Record
from stagegate.surfaces.wire import change_from_json, change_to_json
from tests.property.test_codec_laws import KINDS
from tests.support.scripted import Scripted

RELEASES = sorted(path for path in (Path(__file__).parents[1] / "releases").iterdir() if path.is_dir())
STORIES = ("card", "package", "hub", "import")


@cache
def recorded(release: Path, name: str) -> Any:
    return json.loads((release / f"{name}.json").read_text())


def subjects(release: Path, story: str) -> dict[str, list[Any]]:
    """Return the items of each subject, by its name."""
    found = defaultdict(list)
    start = items.subject_key("")
    for item in recorded(release, story)["ledger"]:
        if item["pk"]["S"].startswith(start):
            found[item["pk"]["S"].removeprefix(start)].append(item)
    return found


def test_there_is_a_release() -> None:
    assert RELEASES


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_every_subject_on_record_is_read_with_all_that_is_open(release: Path, story: str) -> None:
    found = subjects(release, story)
    assert found
    opened = 0
    for arn, kept in found.items():
        view = read(
            Scripted("dynamodb", Query={"Items": kept}).client,
            "stagegate-ledger",
            arn,
            Reading(execution="run", has_approvals=False, is_withdrawn=False),
        ).view
        raw = [item for item in kept if item["sk"]["S"] == items.VIEW]
        assert len(view.grants) == sum(len(item["grants"]["L"]) for item in raw)
        opened += len(view.grants)
    assert opened


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_every_change_on_its_way_is_understood_to_the_letter(release: Path) -> None:
    found = {
        name: payload["asked"] for name, payload in recorded(release, "payloads").items() if "kind" in payload["asked"]
    }
    assert found
    for asked in found.values():
        again = change_to_json(change_from_json(asked, KINDS))
        assert {name: again[name] for name in ("kind", "change")} == {name: asked[name] for name in ("kind", "change")}


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_every_record_on_its_way_is_understood_to_the_letter(release: Path) -> None:
    records = [
        payload["asked"]["record"] for payload in recorded(release, "payloads").values() if "record" in payload["asked"]
    ]
    assert records
    for record in records:
        assert to_json(from_json(Record, record)) == record
        assert [to_json(from_json(Grant, grant)) for grant in record["grants"]] == record["grants"]
