"""A page that names what isn't there, and a site that loads from the net, are each found."""

from pathlib import Path

import pytest

from tools import docs_check
from tools.docs_check import BESIDE, ROOT, anchors, broken_links, loaded_from_net, missing_paths

PAGES = [*(ROOT / name for name in BESIDE), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "other.md").write_text("# A title\n\n## What `it` is, and isn't\n\n```\n# no heading\n```\n")
    return tmp_path / "page.md"


def test_every_link_of_the_pages_beside_the_site_leads_somewhere() -> None:
    assert [line for name in BESIDE for line in broken_links(ROOT / name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    assert list(missing_paths(page)) == []


def test_links_that_lead_somewhere_are_taken(page: Path) -> None:
    links = ("other.md", "other.md#what-it-is-and-isnt", "https://example.com/gone", "mailto:a@example.com", "#here")
    page.write_text("# Here\n" + "\n".join(f"[x]({link})" for link in links))
    assert list(broken_links(page)) == []


@pytest.mark.parametrize(
    ("link", "allowed"),
    [
        ("gone.md", "a file that exists"),
        ("other.md#no-heading", "a heading of other.md"),
        ("other.md#elsewhere", "a heading of other.md"),
        ("#elsewhere", "a heading of page.md"),
    ],
)
def test_a_broken_link_is_named(page: Path, link: str, allowed: str) -> None:
    page.write_text(f"# Here\n[x]({link})\n")
    assert list(broken_links(page)) == [f"{page}: found a link to {link}; allowed: {allowed}"]


def test_a_link_in_a_block_of_code_is_none(page: Path) -> None:
    page.write_text("```\n[x](gone.md)\n```\n")
    assert list(broken_links(page)) == []
    assert anchors(page) == set()


def test_paths_are_looked_for_in_the_project_and_in_its_package(page: Path, tmp_path: Path) -> None:
    for folder in ("tests/unit", f"{docs_check.PACKAGE}/core", f"{docs_check.PACKAGE}/aws"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / docs_check.PACKAGE / "core" / "errors.py").touch()
    there = ("tests/unit", "core/errors.py", "core/", "aws/s3", "model-card/*", "update-model-card", "and/or")
    gone = ("tests/gone", "core/gone.py", "aws/gone/")
    page.write_text(" ".join(f"`{code}`" for code in (*there, *gone)))
    assert list(missing_paths(page, tmp_path)) == [
        f"{page}: found `{code}`; allowed: a path of the project" for code in gone
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<script src="https://example.com/x.js"></script>'),
        ("a.html", "<script async src=//example.com/x.js></script>"),
        ("a.html", '<link rel="stylesheet" href="https://example.com/font.css">'),
        ("a.html", '<img alt="a" src="https://example.com/badge.svg">'),
        ("a.css", "src: url('https://example.com/font.woff2')"),
        ("a.css", '@import "//example.com/font.css"'),
    ],
)
def test_what_a_site_loads_from_the_net_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    (line,) = loaded_from_net(tmp_path)
    assert "example.com/" in line


def test_a_link_to_another_site_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="https://example.com/">x</a> <script src="assets/x.js"></script>')
    assert list(loaded_from_net(tmp_path)) == []
