"""The catalogue of the public hub: made from a table, with what is unknown left unknown."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from sandbox.services.sagemaker.hubs import catalogue
from sandbox.services.sagemaker.hubs.catalogue import Entry, published, synthetic, version_of
from tools import catalogue as tool

TABLE = """\
model_id,version,model_type,sdk_framework,problem_type,provider,fine_tunable,min_sdk_version,source_url,more
meta-llama,1.2.3,open_weights,meta,Text Generation,meta,True,2.1.0,https://example.com,x
vendor-model,v2,proprietary,vendor,,vendor,False,2.1.0,https://example.com,x
bare,,,,,,,,,x
"""


def rows(table: str = TABLE) -> dict[str, Entry]:
    """The table's models, by way of the file that the tool writes."""
    read = json.loads(tool.text(csv.DictReader(io.StringIO(table))))
    return {row[0]: Entry(**dict(zip(read["columns"], row, strict=True))) for row in read["models"]}


def keywords(entry: Entry) -> tuple[str, ...]:
    return version_of(entry, "us-east-1", 0.0).keywords


def document(entry: Entry) -> dict[str, object]:
    read: dict[str, object] = json.loads(version_of(entry, "us-east-1", 0.0).document)
    return read


def test_a_table_becomes_a_catalogue(tmp_path: Path) -> None:
    table, written = tmp_path / "table.csv", tmp_path / "hub.json"
    table.write_text(TABLE)
    assert tool.main(str(table), str(written)) == 0
    assert written.read_text() == tool.text(csv.DictReader(io.StringIO(TABLE)))
    assert list(rows()) == ["bare", "meta-llama", "vendor-model"]
    llama = rows()["meta-llama"]
    assert (llama.version, llama.type, llama.task, llama.fine_tunable) == (
        "1.2.3",
        "open_weights",
        "Text Generation",
        True,
    )
    assert llama.gated


def test_what_is_unknown_stays_unknown() -> None:
    bare = rows()["bare"]
    assert {bare.version, bare.type, bare.framework, bare.task, bare.provider, bare.fine_tunable} == {None}
    assert {"Provider", "Framework", "Task", "License", "ModelTypes", "GatedBucket"}.isdisjoint(document(bare))
    assert not any(word.startswith(("@task", "@framework", "@provider", "@license")) for word in keywords(bare))


def test_a_seed_gives_the_same_to_the_same_model_in_any_table() -> None:
    again = rows(TABLE.replace("bare,,,,,,,,,x\n", ""))
    assert again == {name: entry for name, entry in rows().items() if name != "bare"}


def test_a_vendor_s_version_is_a_keyword_and_no_version_of_the_hub() -> None:
    vendor = rows()["vendor-model"]
    assert vendor.number == "1.0.0"
    assert "@marketplace-version:v2" in keywords(vendor)
    assert document(vendor)["ModelTypes"] == ["PROPRIETARY"]
    assert "HostingArtifactUri" not in document(vendor)


def test_a_hub_keeps_fifty_keywords_and_so_loses_some() -> None:
    entry = Entry(id="m", framework="Meta", provider="Meta", languages=60)
    assert len(keywords(entry)) == 50
    assert keywords(entry)[0] == "@framework:meta"
    assert not any(word.startswith("@provider") for word in keywords(entry))
    assert "Provider" in document(entry)


def test_the_committed_catalogue_is_as_awkward_as_the_real_one() -> None:
    models = published()
    assert (len(models), len({entry.id for entry in models})) == (1096, 1096)
    assert sum(len(entry.id) > catalogue.NAME_LENGTH for entry in models) == 45
    unknown = Counter(
        name for entry in models for name in ("provider", "task", "version") if getattr(entry, name) is None
    )
    assert unknown == {"provider": 461, "task": 523, "version": 16}
    support = Counter(entry.support for entry in models)
    assert set(support) == {"Supported", "Deprecated", "Restricted"}
    assert support["Supported"] > 900
    opened = [entry for entry in models if entry.type == "open_weights"]
    assert 0 < sum(entry.license is None for entry in opened) < len(opened) / 2
    assert any(entry.gated for entry in opened)
    assert any(len(keywords(entry)) == 50 for entry in models)
    spellings = {document(entry).get("Task") for entry in models}
    assert {"Text Generation", "text generation"} <= spellings


@pytest.mark.parametrize("count", [0, 3, 5000])
def test_made_up_models_are_of_any_number(count: int) -> None:
    made = list(synthetic(count))
    assert len({entry.id for entry in made}) == count
    assert made == list(synthetic(count))
    assert all(len(entry.id) <= catalogue.NAME_LENGTH for entry in made)
