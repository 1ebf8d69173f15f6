"""One name for one idea, in code as well: the names that the glossary has replaced don't come back."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("layers/stagegate", "functions", "sandbox", "demo", "bench", "proofs", "soak", "tools", "tests")
TEMPLATES = tuple(ROOT / f"{name}template.yaml" for name in ("", "member-", "management-"))
WRITTEN_FOR_AWS = (*sorted((ROOT / "statemachines").glob("*.yaml")), *TEMPLATES)
THEY_NAME_THE_WORDS = ("test_prose.py", "test_words.py")

OLD_NAMES = re.compile(
    r"""
    wish | wishes | wished | wish_of | wants? | wants?_of | sights? | look_at_targets | is_as_wanted | at_everything
    | by_hand | swept | forced | silent | departures? | remembered | tally | tallies | put_down | on_record | lookout
    | obstacles? | in_the_way | attributing | change_record | pins? | seals? | leftovers? | kept_by | mark_of
    | raise_fence | lower_fence | hands | plot | telling | promises | promised | incidents | opinions | scenes | untold
    | lambda_runtime
    """,
    re.VERBOSE,
)
"""Identifiers, without regard to capitals, and to underscores at their ends."""

OLD_WORDS = re.compile(
    r"wish(?!ful)|\b(lookout|departures?|obstacles?|leftovers?|sights|tally|tallies|puts? (?:that )?down)\b",
    re.IGNORECASE,
)
"""Words that have no second meaning here, so that comments, docstrings and messages don't need them either."""


def sources(folder: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / folder).rglob("*.py")) if path.name not in THEY_NAME_THE_WORDS)


def old_names(source: str) -> list[str]:
    """Return the identifiers of Python code that have had their day, with their lines."""
    names = (token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.NAME)
    return [f"{name.start[0]}: {name.string}" for name in names if OLD_NAMES.fullmatch(_plain(name.string))]


def old_words(text: str) -> list[str]:
    """Return the old words of a text, with their lines."""
    lines = enumerate(text.splitlines(), 1)
    return [f"{number}: {found.group()}" for number, line in lines for found in OLD_WORDS.finditer(line)]


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).strip("_").lower()


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_old_name_and_no_old_word_is_in_code(folder: str) -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sources(folder)}
    assert texts
    found = {name: [*old_names(text), *old_words(text)] for name, text in texts.items()}
    assert {name: old for name, old in found.items() if old} == {}


@pytest.mark.parametrize("path", WRITTEN_FOR_AWS, ids=lambda path: path.name)
def test_no_old_word_is_in_what_is_written_for_aws(path: Path) -> None:
    assert old_words(path.read_text(encoding="utf-8")) == []


def test_an_old_name_is_found_whatever_its_form() -> None:
    code = "class RaiseFence:\n    _wishes = 1\nwanted = swept\n"
    assert old_names(code) == ["1: RaiseFence", "2: _wishes", "3: swept"]
    assert old_words("# The Lookout\nwishful\nit is put down\n") == ["1: Lookout", "3: put down"]
