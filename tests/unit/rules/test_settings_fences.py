"""A file whose own cards don't fit into an account's fence is refused; where that depends on cards, it is warned of."""

from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.iam.limits import MANAGED_POLICY_LIMIT, SCP_LIMIT
from stagegate.rules.__main__ import mixed
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.load import load
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.covers import BOUNDARY_BYTES, SCP_BYTES, Cover, least_bytes
from stagegate.surfaces.fences.model import Fence, document_of
from tests.support.builders import DEV
from tests.support.shipped import SHIPPED

OTHER = "666677778888"
READER = (
    f'[[audiences]]\nname = "reader"\ncards = ["reader-*"]\ngroups = ["reader-*"]\n'
    f'[[audiences.stages]]\nstage = "prod"\naccounts = ["{DEV}"]\n'
    f'[[audiences.stages]]\nstage = "dev"\naccounts = ["{OTHER}"]\n'
)
"""A team whose prod is in the account in which another one develops."""


def names(count: int, length: int = 63) -> list[str]:
    return [f"{number:0{length}d}" for number in range(count)]


def settings(cards: list[str], *, shipped: str = SHIPPED) -> str:
    said = ", ".join(f'"{card}"' for card in cards)
    return f'{shipped}\n[[audiences]]\nname = "writer"\ncards = [{said}]\n{READER}'


def loaded(folder: Path, text: str) -> Rules:
    path = folder / "governance.toml"
    path.write_text(text)
    return load(path)


def document(cards: list[str], kind: FenceKind = FenceKind.SCP, region: str = "us-east-1") -> str:
    arns = [f"arn:aws:sagemaker:{region}:111122223333:model-card/{card}" for card in cards]
    fence = Fence(account=DEV, kind=kind, covers=Cover.OTHERS)
    return document_of(fence, arns, partition="aws", governance_account="111122223333")


def test_more_cards_than_a_fence_can_name_are_refused_with_the_arithmetic(tmp_path: Path) -> None:
    fits = max(count for count in range(60) if least_bytes(names(count)) <= SCP_LIMIT)
    loaded(tmp_path, settings(names(fits)))
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, settings(names(fits + 1)))
    assert f"audiences[0].cards: found {fits + 1} cards that account {DEV} may write whenever" in str(caught.value)
    assert f"its fence would take {least_bytes(names(fits + 1)):,} bytes to name them" in str(caught.value)
    assert "allowed: 5,120 bytes: fewer cards" in str(caught.value)


def test_what_is_refused_could_not_be_written(tmp_path: Path) -> None:
    """The least that is counted is less than any document takes, and not by much."""
    assert (SCP_BYTES, BOUNDARY_BYTES) == (SCP_LIMIT, MANAGED_POLICY_LIMIT)
    for count in (1, 40):
        assert least_bytes(names(count)) <= len(document(names(count))) <= least_bytes(names(count)) + 60
        assert least_bytes(names(count)) <= len(document(names(count), FenceKind.BOUNDARY))


def test_cards_that_are_written_in_some_statuses_only_or_stand_for_many_are_warned_of(tmp_path: Path) -> None:
    """All at once they don't fit; how many are written at one time, the file can't say."""
    reads_approved = SHIPPED.replace(
        'opens = [{ stage = "dev", write = true }, { stage = "test", write = true }, { stage = "prod" }]',
        'opens = [{ stage = "dev" }, { stage = "test", write = true }, { stage = "prod" }]',
    )
    assert reads_approved != SHIPPED
    (line,) = mixed(loaded(tmp_path, settings(names(60), shipped=reads_approved)))
    assert f"{DEV}" in line
    assert mixed(loaded(tmp_path, settings(["writer-*"])))


def test_cards_that_all_fit_are_nothing_to_warn_of(tmp_path: Path) -> None:
    assert mixed(loaded(tmp_path, settings(names(5)))) == []
    assert len(document(names(37), region="us-gov-west-1")) <= SCP_LIMIT


def test_a_boundary_holds_more(tmp_path: Path) -> None:
    by_boundary = SHIPPED.replace('roles = ["', 'fence = "boundary"\nroles = ["', 3)
    loaded(tmp_path, settings(names(45), shipped=by_boundary))
    with pytest.raises(SettingsError, match="allowed: 6,144 bytes"):
        loaded(tmp_path, settings(names(60), shipped=by_boundary))


def test_an_account_that_writes_all_that_it_sees_has_no_fence(tmp_path: Path) -> None:
    elsewhere = f'stage = "prod"\naccounts = ["{OTHER}"]'
    loaded(tmp_path, settings(names(200)).replace(f'stage = "prod"\naccounts = ["{DEV}"]', elsewhere))
