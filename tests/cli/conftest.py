"""One organization for each file, and the command with its profiles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stagegate import config
from tests.cli.command import Command
from tests.support.fixtures import SHIPPED, CardEnvironment, card_environment


@pytest.fixture(scope="module")
def environment() -> Iterator[CardEnvironment]:
    with card_environment(SHIPPED) as opened:
        yield opened


@pytest.fixture(scope="module")
def profiles(environment: CardEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("aws") / "config"
    config.write(environment.organization, path)
    return path


@pytest.fixture
def stagegate(profiles: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(profiles, monkeypatch, capsys)
