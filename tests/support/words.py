"""Words of cards for tests: what is not named is ordinary."""

from collections.abc import Mapping
from dataclasses import replace

from stagegate.links.about import Linkable
from stagegate.links.word import Recorded, Seen, Word, left_to_packages, word_of
from tests.support.builders import CREATED, GOVERNANCE

HOME = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}"
CARD = f"{HOME}:model-card/churn"
PACKAGE = f"{HOME}:model-package/churn/3"
OTHER = f"{HOME}:model-package/fraud/1"
CHURN = Linkable(arn=PACKAGE, group="churn", account=GOVERNANCE)
ALL = frozenset({"dev", "test", "prod"})


def a_word(
    *names: str,
    arn: str = CARD,
    status: str = "Approved",
    content: str = "now",
    opens: frozenset[str] = ALL,
    grants: Mapping[str, str | None] = {"dev": None, "prod": "approval"},
    recorded: Mapping[str, str] | None = None,
    of: str = "now",
    keeps_edited: bool = False,
) -> Word:
    """A card's word, by the names that its content has now, and by what its run has recorded: by default just that."""
    seen = Seen(status=status, version=2, content_hash=content, created=CREATED, names=names, opens=opens)
    state = recorded if recorded is not None else left(*names, grants=grants, of=of)
    record = Recorded(grants=grants, status=status, content_hash=of, planner_state=state, at="then")
    return word_of(arn, seen, record, keeps_edited=keeps_edited)


def left(*names: str, grants: Mapping[str, str | None], of: str = "now", status: str = "Approved") -> dict[str, str]:
    """What the card's run has left, where every approval was about the content of then."""
    openings = {stage: (approval, of if approval else None) for stage, approval in grants.items()}
    return left_to_packages({}, status=status, names=names, content_hash=of, openings=openings)


def gone(arn: str = CARD) -> Word:
    """The word of a card that isn't there."""
    return word_of(arn, None, Recorded(), keeps_edited=False)


def unread(arn: str = CARD, *names: str) -> Word:
    """The word of a card that is on record to name these, and that nobody can read."""
    return replace(gone(arn), names=names, error="sagemaker:DescribeModelCard was refused")
