"""One organization for the tests of each file: each goes on from where the one before has left it."""

from collections.abc import Iterator

import pytest

from proofs.figures import Figure, write
from tests.upgrade.trees import last_release, this_tree, tree_of
from tests.upgrade.upgrades import Upgrades, upgrades


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrades]:
    folder, version = tmp_path_factory.mktemp("upgrade"), last_release()
    (folder / "old").mkdir()
    (folder / "new").mkdir()
    old = tree_of(version, folder / "old")
    if old is None:
        pytest.skip(
            f'git\'s history has no commit "Release {version}", as in a shallow clone: nothing was deployed over'
            " another release; only its recorded payloads were decoded (tests/contract/test_releases.py)"
        )
    with upgrades(folder, {"old": old, "new": this_tree(folder / "new")}) as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Leave the figure for the page of `make soak`; a run of some tests leaves none."""
    here = "tests/upgrade/"
    counts = {
        name: sum(each.nodeid.startswith(here) for each in terminalreporter.stats.get(name, []))
        for name in ("passed", "failed", "error")
    }
    of = sum(counts.values())
    if counts["passed"] and not terminalreporter.config.option.keyword:
        write("upgrades", [Figure("upgrades", counts["passed"], of, ok=counts["passed"] == of)])
