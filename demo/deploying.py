"""Other rules, deployed in the course of a story."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


@contextmanager
def written(text: str) -> Iterator[Path]:
    """Yield a governance.toml of that text, for as long as it is looked at."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "governance.toml"
        path.write_text(text)
        yield path


def deploy(organization: Organization, text: str) -> None:
    """Deploy rules for the same accounts."""
    with written(text) as path:
        organization.update_settings(path)
