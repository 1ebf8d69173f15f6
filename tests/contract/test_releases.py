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
from stagegate.aws.release import Release
from stagegate.core.errors import PlannedByAnotherReleaseError
from stagegate.core.findings import Finding
from stagegate.ledger import items
from stagegate.ledger.read import Reading, read
from stagegate.plans.grants import Grant
from stagegate.plans.record import Record
from stagegate.runs.import_model.importer import Run
from stagegate.runs.import_model.steps import FIELDS, STEPS
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


def requests(release: Path) -> dict[str, Any]:
    """Return what each state has handed to its function, without the envelope that later releases put it into."""
    asked = {name: payload["asked"] for name, payload in recorded(release, "payloads").items()}
    return {name: each.get("request", each) for name, each in asked.items()}


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
def test_every_change_on_its_way_is_understood_to_the_letter_or_refused_by_name(release: Path) -> None:
    found = {name: request for name, request in requests(release).items() if "kind" in request}
    refused = set()
    for asked in found.values():
        try:
            again = change_to_json(change_from_json(asked, KINDS))
        except PlannedByAnotherReleaseError:
            refused.add(asked["kind"])
            continue
        assert {name: again[name] for name in ("kind", "change")} == {name: asked[name] for name in ("kind", "change")}
    # These say by now whether an account was closed, for whom it is, and what a hub is to have of it.
    assert refused == {"CloseTarget", "OpenShare", "OpenTarget"}


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_every_record_on_its_way_is_understood_to_the_letter_or_refused_by_name(release: Path) -> None:
    records = [request["record"] for request in requests(release).values() if "record" in request]
    assert records
    for record in records:
        for grant in record["grants"]:
            with pytest.raises(PlannedByAnotherReleaseError, match="audience"):  # it says by now for whom it is
                from_json(Grant, grant)
        try:
            understood = to_json(from_json(Record, record))
        except PlannedByAnotherReleaseError:
            continue
        assert understood == record


HERE = Release(release="arn:aws:lambda:us-east-1:111122223333:layer:stagegate-stagegate:7", rules="0123456789abcdef")
STEPS_OF_IMPORTS = "stagegate-import-model/"
MAILS = ("Ask/", "Notify/")
"""What people are told needs no plan to be true. Only govern's questions are part of one: they have `approvals`."""


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_what_an_earlier_release_has_planned_is_refused_by_name(release: Path) -> None:
    """And so is what it asks of a plan or a sweep: it would not know what to make of the answer."""
    found = {
        name: payload["asked"]
        for name, payload in recorded(release, "payloads").items()
        if not name.startswith(STEPS_OF_IMPORTS)
        and ("approvals" in payload["asked"] or not name.partition("/")[2].startswith(MAILS))
    }
    assert {name.split("/")[1] for name in found} >= {"Plan", "CloseChange", "OpenChange", "Verify", "Notify", "Record"}
    assert {name.split("/")[1] for name in found} >= {"Look", "NextToStart"}
    for asked in found.values():
        with pytest.raises(PlannedByAnotherReleaseError):
            HERE.handed(asked)


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_every_step_of_an_import_that_an_earlier_release_began_is_understood_to_the_letter(release: Path) -> None:
    """An import takes days: the release that ends it isn't the one that began it. Once a step's meaning has to change,
    it gets another name, and the old one is refused by name.
    """
    found = {
        name: payload["asked"]
        for name, payload in recorded(release, "payloads").items()
        if name.startswith(STEPS_OF_IMPORTS) and "step" in payload["asked"]
    }
    assert {asked["step"] for asked in found.values()} == set(STEPS)
    for asked in found.values():
        assert set(asked) == FIELDS[asked["step"]]
        run = Run.of(asked)
        requested = {"subject": run.subject, "digest": run.digest, "external_id": run.external_id}
        assert {**requested, "target": to_json(run.target), "model": to_json(run.model)} == asked["requested"]
        for finding in asked.get("findings", ()):
            assert to_json(from_json(Finding, finding)) == finding
