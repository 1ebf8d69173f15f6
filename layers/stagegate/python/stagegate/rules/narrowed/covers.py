"""Which cards an account may only read, by what the rules let it do: what its fence has to cover."""

from enum import StrEnum
from typing import TYPE_CHECKING

from stagegate.rules.audiences import Selected
from stagegate.rules.narrowed.stages import stages_by_audience

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from stagegate.rules.model import Rules, Stage

SCP_BYTES = 5_120
"""Bytes of a service control policy ("Quotas for AWS Organizations")."""
BOUNDARY_BYTES = 6_144
"""Characters of a managed policy ("IAM and AWS STS quotas")."""
_LEAST_AROUND = 260
"""Fewer bytes than a fence has that names no card."""
_LEAST_CARD = len('"arn::sagemaker::111122223333:model-card/",') + len("aws") + len("us-east-1")
"""Bytes that a card takes in it beside its name, where partition and Region have the shortest names."""
_AROUND = 330
"""Bytes of a fence that names no card, and a few to spare."""
_LONGEST_NAME = 63
_CARD = len('"arn::sagemaker::111122223333:model-card/",') + len("aws-us-gov") + len("us-gov-west-1") + _LONGEST_NAME
"""Bytes that a card with the longest name takes in it."""
MOST_NAMED = (SCP_BYTES - _AROUND) // _CARD
"""Cards that a fence can name in any case, whatever they are called."""


class Cover(StrEnum):
    """What an account's fence covers, by what the rules let the account do."""

    ALL = "all"
    """Every card of the governance account: the account only ever reads. The document never changes."""
    OTHERS = "others"
    """Every card but those that may be written now: the account writes some and only reads others."""
    NONE = "none"
    """No card: the account may write whatever it sees."""


def by_account(rules: "Rules") -> dict[str, "list[list[Stage]]"]:
    """Return the stages in each account, those of each audience by themselves."""
    found: dict[str, list[list[Stage]]] = {}
    for stages in stages_by_audience(rules):
        here: dict[str, list[Stage]] = {}
        for stage in stages:
            for account in stage.accounts:
                here.setdefault(account, []).append(stage)
        for account, in_it in here.items():
            found.setdefault(account, []).append(in_it)
    return found


def cover_of(rules: "Rules", by_audience: "list[list[Stage]]") -> Cover:
    """A card comes into the account by the stages of one audience, so each audience's are looked at by themselves.

    A stage with approvers may be kept out while another one in the account sees the card, so that its write access is
    nothing to rely on.
    """
    gated = {entry.stage for entry in rules.approvers}
    opened = [
        [(access.stage, access.write) for access in rule.opens if access.stage in names]
        for names in ({stage.name for stage in stages} for stages in by_audience)
        for rule in rules.cards.status.values()
    ]
    return cover(opened, gated)


def cover(opened: "Iterable[Sequence[tuple[str, bool]]]", gated: "Collection[str]") -> Cover:
    """Return the same of what each status opens in the account for each audience: stages, each with whether it may
    write. `gated` are the stages that have approvers.
    """
    found = list(opened)
    if not any(write for accesses in found for _, write in accesses):
        return Cover.ALL
    may_only_read = any(
        not all(write for _, write in accesses) and not any(write and stage not in gated for stage, write in accesses)
        for accesses in found
    )
    return Cover.OTHERS if may_only_read else Cover.NONE


def least_bytes(cards: "Collection[str]") -> int:
    """Return how many bytes a fence takes at least that names these cards."""
    return _LEAST_AROUND + sum(_LEAST_CARD + len(card) for card in cards)


def _most_bytes(cards: "Collection[str]") -> int:
    return _AROUND + sum(_CARD - _LONGEST_NAME + len(card) for card in cards)


def mixed_accounts(rules: "Rules") -> tuple[str, ...]:
    """Return the accounts that may write some cards and only read others: their fences name each card that they may
    write at the time. Those aren't among them for which the rules name every such card, and all fit.
    """
    return tuple(
        account
        for account, by_audience in sorted(by_account(rules).items())
        if cover_of(rules.whole, by_audience) is Cover.OTHERS
        if (cards := _writable(rules.whole, account)) is None or _most_bytes(cards) > SCP_BYTES
    )


def _writable(rules: "Rules", account: str) -> "frozenset[str] | None":
    """Return the names of all cards that an account may ever write; None where a pattern stands for them."""
    writing = {access.stage for rule in rules.cards.status.values() for access in rule.opens if access.write}
    found: set[str] = set()
    for audience, stages in zip(rules.audiences, stages_by_audience(rules), strict=False):
        if any(stage.name in writing and account in stage.accounts for stage in stages):
            found.update(audience.patterns(Selected.CARDS))
    is_known = rules.audiences and not any(name.endswith("*") for name in found)
    return frozenset(found) if is_known else None
