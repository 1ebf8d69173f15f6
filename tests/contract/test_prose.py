"""What is promised of the pages: one name for one idea, a README of one sitting, decisions in one form."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *sorted(DOCS.rglob("*.md"))]
FORM = ["Context", "Decision", "Alternatives", "Consequences"]
LINES_OF_README = 150

OLD_WORDS = {
    r"by hand": "manual run, or who does it",
    r"dry run": 'a run with "mode": "plan"',
    r"leftovers?": "retained",
    r"lookout": "artifact reader",
    r"on record": "recorded",
    r"pins?|pinned": "fingerprints",
    r"put down": "recorded",
    r"sights?": "target diff",
    r"tally|tallies": "grant counts",
    r"wish|wishes": "desired grant",
    r"(?:is|are|was|nobody is) told": "notified",
}
"""Words that the pages used to have, with the one that stands for each now."""
GLOSSARY = """
    subject, stage, entitlement, grant, desired grant, surface, target, statement, Sid, foreign, approval, record, gate,
    finding, fingerprint, plan, change, claim, lease, fence, guardrail, sweep, drift, ledger, hub reference, import,
    observe, entitle, apply, verify, notify
"""


def old_words(text: str) -> list[str]:
    """Return what a page says in old words. What stands in code marks is somebody else's text."""
    prose = re.sub(r"^```.*?^```|`[^`\n]+`", "", text, flags=re.DOTALL | re.MULTILINE)
    return [found.group() for word in OLD_WORDS for found in re.finditer(rf"\b(?:{word})\b", prose, re.IGNORECASE)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_use_the_words_of_the_glossary(page: Path) -> None:
    assert old_words(page.read_text(encoding="utf-8")) == []


def test_an_old_word_is_found_in_prose_and_not_in_code() -> None:
    assert old_words("A run by hand: its wishes, pinned.\n```\nby hand\n```\n`wish` wishful") == [
        "by hand",
        "pinned",
        "wishes",
    ]


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LINES_OF_README


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_four_parts_in_order(page: Path) -> None:
    assert re.findall(r"^\*\*(\w+)\.\*\*", page.read_text(encoding="utf-8"), re.MULTILINE) == FORM


def test_the_overview_names_every_decision_by_its_title() -> None:
    listed = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    for page in DECISIONS:
        number, title = re.match(r"# (\d+)\. (.+)", page.read_text(encoding="utf-8")).groups()  # type: ignore[union-attr]
        assert f"| [{number}]({page.name}) | {title} |" in listed


def test_the_glossary_has_every_word() -> None:
    glossary = (DOCS / "concepts.md").read_text(encoding="utf-8").partition("## Glossary")[2]
    rows = re.findall(r"^\| ([^|]+?) \|", glossary, re.MULTILINE)
    assert [word for word in " ".join(GLOSSARY.split()).split(", ") if word not in rows] == []
