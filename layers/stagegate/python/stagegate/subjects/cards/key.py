"""What a stage needs of the key that a card is encrypted with, and what becomes of it beside the card's share."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.core.arns import Subject
from stagegate.core.findings import warned
from stagegate.iam.key_grants import READ, WRITE, KeyUse
from stagegate.plans.blindness import Unseen, Visibility
from stagegate.plans.decision import Basis
from stagegate.plans.grants import Grant, View, open_stages
from stagegate.rules.model import Rules, Stage
from stagegate.subjects.cards.decide import OnKey
from stagegate.subjects.cards.model import Card
from stagegate.targets.changes import DesiredGrant, grant_of, notes_of, target_changes
from stagegate.targets.compare import TargetDiff
from stagegate.targets.customer_keys import CARD_CONTEXT, closed_key, key_named, key_target
from stagegate.targets.target import ACCOUNT_CLOSED, CloseTarget, OpenTarget, Target

PERMISSION = "decrypt"
"""What a grant on a card's key is called on record."""


def with_open_key(subject: Subject, card: Card | None, entitled: Entitled, accounts: Collection[str]) -> Entitled:
    """Return the entitlements of a card, or the finding that its key can't be opened: then nobody is let see it.

    `accounts` are those whose keys can be: the governance account and the members.
    """
    if card is None or card.kms_key is None or not (entitled.entitlements or entitled.waiting):
        return entitled
    closed = closed_key(subject, key_named(subject, card.kms_key), accounts, what="card")
    return Entitled(findings=(*entitled.findings, closed)) if closed else entitled


def with_key_seen(
    rules: Rules, entitled: Entitled, view: View, unseen: Collection[Unseen], visibility: Visibility
) -> Entitled:
    """Return the entitlements of a card whose key could not be looked at (`unseen`): what is open stays so, until so
    many sweeps could not; nothing else opens.
    """
    if not unseen:
        return entitled
    is_too_long = any(each.place in visibility.too_long for each in unseen)
    kept = frozenset() if is_too_long else open_stages(rules, view)
    return replace(entitled, entitlements=tuple(e for e in entitled.entitlements if e.stage in kept))


def with_key_there(entitled: Entitled, seen: Mapping[str, TargetDiff]) -> Entitled:
    """Return the entitlements of a card, none of them where the account of its key is closed: nobody can decrypt it."""
    wanted = [diff for diff in seen.values() if diff.account_closed and diff.findings]
    if not wanted:
        return entitled
    found = dict.fromkeys(finding for diff in wanted for finding in diff.findings)
    return replace(entitled, entitlements=(), findings=(*entitled.findings, *found))


def desired_grants(
    rules: Rules, subject: Subject, card: Card | None, entitlements: Iterable[Entitlement]
) -> tuple[DesiredGrant, ...]:
    """Return what the entitled stages are to have of the card's key; nothing for a card without a customer key.

    The key opens to whom the share opens, which is the whole account: who of it may see cards, its own administrators
    say. An account needs no grant on a key of its own.
    """
    if card is None or card.kms_key is None:
        return ()
    target = key_target(subject, key_named(subject, card.kms_key))
    if target is None:
        return ()
    desired = (
        DesiredGrant(stage=e.stage, target=target, uses=_uses(subject, target, rules.stage(e.stage), write=e.write))
        for e in entitlements
    )
    return tuple(desired_grant for desired_grant in desired if desired_grant.uses)


def on_key(
    basis: Basis,
    desired: Collection[DesiredGrant],
    entitlements: Iterable[Entitlement],
    *,
    seen: Mapping[str, TargetDiff] | None = None,
    unseen: str = "",
) -> OnKey:
    """Return what becomes of the card's key, and of any other that is on record for it.

    `desired` are `desired_grants` these entitlements. `seen` has every target of theirs and of the record, by its id;
    without it the record is gone by: that is all that a run for an event looks at, and all there is where the key can't
    be looked at (`unseen` says why). A key that was taken from us must not keep the card's share from closing.
    """
    closes, opens = target_changes(basis.subject, desired, basis.view, seen)
    by_stage = {entitlement.stage: entitlement for entitlement in entitlements}
    return OnKey(
        closes=tuple(closes),
        opens=tuple(opens),
        grants=tuple(_grant(basis, desired_grant, by_stage[desired_grant.stage]) for desired_grant in desired),
        findings=(warned("KeyUnseen", f"The grants on the card's key could not be looked at: {unseen}"),)
        if unseen
        else (),
        notes={**_closed_with_account(basis.view, closes), **notes_of(basis.subject, desired)},
        documents=tuple(line for target in sorted(seen or {}) for line in (seen or {})[target].lines),
    )


def _closed_with_account(view: View, closes: Iterable[OpenTarget | CloseTarget]) -> dict[str, str]:
    """Return the notes of keys that are closed on record alone, once these changes are made."""
    changed = {change.target.id: change for change in closes}
    before = {id_ for id_, note in view.written.items() if note == ACCOUNT_CLOSED and id_ not in changed}
    now = {id_ for id_, each in changed.items() if isinstance(each, CloseTarget) and each.account_closed}
    return dict.fromkeys(before | now, ACCOUNT_CLOSED)


def _uses(subject: Subject, target: Target, stage: Stage, *, write: bool) -> tuple[KeyUse, ...]:
    return tuple(
        sorted(
            KeyUse(
                grantee=f"arn:{subject.partition}:iam::{account}:root",
                operations=operations,
                context=((CARD_CONTEXT, subject.arn),),
            )
            for account in stage.accounts
            if account != target.account
            for operations in ((READ, WRITE) if write else (READ,))
        )
    )


def _grant(basis: Basis, desired_grant: DesiredGrant, entitlement: Entitlement) -> Grant:
    return grant_of(
        desired_grant,
        basis.rules.stage(desired_grant.stage),
        entitlement,
        basis.view,
        permission=PERMISSION,
        write=entitlement.write,
        now=basis.now,
        audience=basis.rules.audience or "",
    )
