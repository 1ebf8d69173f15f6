"""Which cards an account may only read, by what the rules let it do: what its fence has to cover."""

from enum import StrEnum
from typing import TYPE_CHECKING

from stagegate.rules.narrowed.stages import stages_by_audience

if TYPE_CHECKING:
    from stagegate.rules.model import Rules, Stage

_FENCE = 5_120
"""Bytes of a service control policy ("Quotas for AWS Organizations")."""
_AROUND = 330
"""Bytes of a fence that names no card, and a few to spare."""
_CARD = len('"arn::sagemaker::111122223333:model-card/",') + len("aws-us-gov") + len("us-gov-west-1") + 63
"""Bytes that a card with the longest name takes in it."""
MOST_NAMED = (_FENCE - _AROUND) // _CARD
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
        [access for access in rule.opens if access.stage in names]
        for names in ({stage.name for stage in stages} for stages in by_audience)
        for rule in rules.cards.status.values()
    ]
    if not any(access.write for accesses in opened for access in accesses):
        return Cover.ALL
    may_only_read = any(
        not all(access.write for access in accesses)
        and not any(access.write and access.stage not in gated for access in accesses)
        for accesses in opened
    )
    return Cover.OTHERS if may_only_read else Cover.NONE


def mixed_accounts(rules: "Rules") -> tuple[str, ...]:
    """Return the accounts that may write some cards and only read others: their fences name each card that they may
    write at the time.
    """
    return tuple(
        account
        for account, by_audience in sorted(by_account(rules).items())
        if cover_of(rules.whole, by_audience) is Cover.OTHERS
    )
