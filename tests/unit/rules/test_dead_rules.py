"""Rules that can never count are said, with line, found and allowed; the file is taken all the same."""

from pathlib import Path

import pytest

from stagegate.rules.__main__ import main
from stagegate.rules.load import load, remarks
from stagegate_cli.commands.check import check
from tests.support.shipped import SHIPPED, changed

LINES = SHIPPED.count("\n")
LIVE = '[[stages]]\nname = "live"\naccounts = ["666677778888"]\nroles = ["A"]\n'
STAGE = "a stage that a status of cards or packages opens, or that registrations, imports or hubs name"
FIRST = "a name that no earlier entry has: the first one that fits counts"
BUCKET = '[[buckets]]\nname = "{}"\naccount = "222233334444"\nkey = "arn:aws:kms:us-east-1:222233334444:key/1a2b"\n'
TEAM = '[[audiences]]\nname = "team"\ncards = ["*"]\ngroups = ["*"]\nhubs = ["*"]\n'
REPOSITORY = '[[repositories]]\nname = "{}"\naccount = "{}"\naudience = "team"\n'
LIFECYCLE = '[[packages.lifecycle]]\nstage = "dev"\nlifecycle_stage = "Production"\nlifecycle_status = "Approved"\n'


def said(folder: Path, text: str) -> list[str]:
    path = folder / "governance.toml"
    path.write_text(text)
    load(path)
    return [line.removeprefix(f"{path}:") for line in remarks(path)]


def test_the_shipped_rules_all_count(tmp_path: Path) -> None:
    assert said(tmp_path, SHIPPED) == []


@pytest.mark.parametrize(
    ("added", "lines"),
    [
        (LIVE, [f'{LINES + 2}: stages[3].name: found "live", which nothing opens; allowed: {STAGE}']),
        (LIVE + '[[registrations]]\nstage = "live"\ngroups = ["a"]\n', []),
        (
            LIFECYCLE,
            [
                f'{LINES + 2}: packages.lifecycle[0].stage: found "dev", which no status of packages opens; allowed: a'
                " stage that a status of packages opens"
            ],
        ),
        (
            BUCKET.format("team-*") + BUCKET.format("team-a-*") + BUCKET.format("team-b") + BUCKET.format("tea"),
            [
                f'{LINES + at}: buckets[{n}].name: found "{name}", which "team-*" has before; allowed: {FIRST}'
                for at, n, name in ((6, 2, "team-a-*"), (10, 3, "team-b"))
            ],
        ),
        (
            TEAM
            + REPOSITORY.format("*", "222233334444")
            + REPOSITORY.format("a", "222233334444")
            + REPOSITORY.format("a", "333344445555"),
            [f'{LINES + 11}: repositories[1].name: found "a", which "*" has before; allowed: {FIRST}'],
        ),
    ],
    ids=["a stage", "a stage that registers", "a place in the lifecycle", "buckets", "repositories"],
)
def test_what_never_counts_is_said(tmp_path: Path, added: str, lines: list[str]) -> None:
    assert said(tmp_path, f"{SHIPPED}{added}") == lines


def test_a_stage_that_only_packages_open_needs_a_card_that_opens_it(tmp_path: Path) -> None:
    """A package opens where its card does, and no card opens there."""
    text = changed(('opens = ["test", "prod"]', 'opens = ["test", "prod", "live"]')) + LIVE
    (line,) = said(tmp_path, text)
    assert 'packages.status.Approved.opens[2]: found "live", which no status of cards opens' in line
    assert said(tmp_path, text.replace('card = "required"', 'card = "if_linked"')) == []


def test_make_check_and_the_command_warn_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(f"{SHIPPED}{LIVE}")
    assert main(path) == 0
    warning = f'{path}:{LINES + 2}: stages[3].name: found "live", which nothing opens; allowed: {STAGE}'
    assert f"\nwarning: {warning}\n" in capsys.readouterr().out
    found = check(path, partition=None, account=None, prefix="stagegate")
    assert (found.problems, found.warnings) == ([], [warning])
