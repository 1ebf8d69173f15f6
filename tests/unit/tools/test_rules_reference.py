"""The reference of governance.toml has every key of the rules, with examples that the loader takes and refuses."""

import tomllib
from pathlib import Path

import pytest

from stagegate.rules.load import load
from tools.rules_reference import examples
from tools.rules_reference.__main__ import PAGE
from tools.rules_reference.examples import EVERY_KEY, OUTSIDE, error, example, said_of, together, toml, wrong
from tools.rules_reference.keys import Key, choices, keys, type_of
from tools.rules_reference.page import page
from tools.settings_schema import HELP

KEYS = {key.written: key for key in keys()}


def test_the_committed_page_is_the_generated_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make rules-reference`"


def test_every_key_has_its_heading() -> None:
    headings = [line.lstrip("# ") for line in PAGE.read_text().splitlines() if line.startswith(("## ", "### "))]
    assert [key.path for key in KEYS.values() if len(key.pattern) > 1 and key.path not in headings] == []
    assert {"[organization]", "[[stages]]", "[cards]", "[[hubs]]", "paused"} <= set(headings)


def test_the_help_is_about_the_keys_that_there_are() -> None:
    said = {(table, name) for table, names in HELP.items() for name in names}
    assert said == {(key.owner.__name__, key.name) for key in KEYS.values()}


@pytest.mark.parametrize("path", [EVERY_KEY, OUTSIDE], ids=lambda path: path.stem)
def test_the_loader_takes_the_examples(path: Path) -> None:
    load(path)


@pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
def test_a_wrong_value_differs_from_the_example_and_its_error_names_the_key(key: Key) -> None:
    assert wrong(key) != example(key)
    lines = error(key).splitlines()
    assert lines
    assert [line for line in lines if not key.is_named(line)] == []


def test_no_wrong_value_is_left_of_a_key_that_is_gone() -> None:
    assert set(examples._WRONG["values"]) == set(KEYS)


def test_a_broken_example_that_the_loader_takes_is_an_error() -> None:
    with pytest.raises(ValueError, match="found a broken example that the loader takes"):
        said_of(tomllib.loads(EVERY_KEY.read_text()))


def test_the_rules_about_several_keys_are_each_refused_for_one_reason() -> None:
    assert [says for says, said in together() if len(said.splitlines()) != 1] == []


def test_an_error_is_about_a_key_or_about_what_is_below_it() -> None:
    named = KEYS["cards.status.STATUS.opens"].is_named
    assert named('cards.status.Draft.opens: found "x"')
    assert named("cards.status.Draft.opens[0].stage: found nothing")
    assert not named("cards.status.Draft.opens_later: found an unknown key")
    assert not named("packages.status.Approved.opens: found nothing")


def test_a_key_says_its_type_and_the_meaning_of_its_choices() -> None:
    assert type_of(KEYS["stages[].accounts"].declared) == "array of strings"
    assert type_of(KEYS["hubs[].allow"].declared) == "array of tables"
    assert KEYS["cards.status.STATUS.opens[].stage"].path == "cards.status.STATUS.opens.stage"
    assert choices(KEYS["stages[].fence"])["scp"].startswith("A service control policy")
    assert not choices(KEYS["stages[].name"])


def test_values_are_written_as_toml() -> None:
    value = {"a": [True, 1, 'x"y'], "b c": {"d": {}}}
    assert toml(value) == '{ a = [true, 1, "x\\"y"], "b c" = { d = {} } }'
    assert tomllib.loads(f"it = {toml(value)}")["it"] == value
