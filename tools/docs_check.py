"""Checks what MkDocs doesn't: `python -m tools.docs_check SITE`, with the folder of the built site.

MkDocs checks the links between pages of docs/. This checks the links of the pages beside it (README and the like), the
paths that any page names in code marks, and that the built site loads nothing from the net.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = Path("layers/stagegate/python/stagegate")
BESIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")

_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"\w[\w.-]*(?:/[\w.-]+)+/?|\w[\w-]*/")
_LOADED = re.compile(
    r"""<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|(?:url\(|@import\s)\s*["']?((?:https?:)?//[^"')\s]+)"""
)


def broken_links(page: Path) -> Iterator[str]:
    """Yield the relative links of a Markdown page to files or headings that aren't there."""
    for link in _LINK.findall(_BLOCK.sub("", page.read_text(encoding="utf-8"))):
        name, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = page.parent / name if name else page
        if not target.exists():
            yield f"{page}: found a link to {link}; allowed: a file that exists"
        elif anchor and anchor not in anchors(target):
            yield f"{page}: found a link to {link}; allowed: a heading of {target.name}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a Markdown page's headings, as MkDocs and GitHub make them."""
    headings = _HEADING.findall(_BLOCK.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", heading.strip().lower())) for heading in headings}


def missing_paths(page: Path, root: Path = ROOT) -> Iterator[str]:
    """Yield the paths in a page's code marks that begin like one of the project and lead nowhere.

    A module or a folder may also stand as its path within the package: `core/errors.py`, `subjects/`.
    """
    for code in _CODE.findall(_BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if not _PATH.fullmatch(code):
            continue
        places = [root, *([root / PACKAGE] if code.endswith((".py", "/")) else [])]
        meant = [place for place in places if (place / code.partition("/")[0]).is_dir()]
        if meant and not any((place / code).exists() for place in meant):
            yield f"{page}: found `{code}`; allowed: a path of the project"


def loaded_from_net(site: Path) -> Iterator[str]:
    """Yield what the pages and styles of a built site would load from another host."""
    for page in sorted((*site.rglob("*.html"), *site.rglob("*.css"))):
        for found in _LOADED.findall(page.read_text(encoding="utf-8")):
            yield f"{page}: found {''.join(found)}; allowed: nothing from the net"


def problems(site: Path) -> list[str]:
    """Return everything that is wrong, a line each."""
    beside = [ROOT / name for name in BESIDE]
    pages = [*beside, *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        *(line for page in beside for line in broken_links(page)),
        *(line for page in pages for line in missing_paths(page)),
        *loaded_from_net(site),
    ]


if __name__ == "__main__":
    found = problems(Path(sys.argv[1]))
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    sys.exit(bool(found))
