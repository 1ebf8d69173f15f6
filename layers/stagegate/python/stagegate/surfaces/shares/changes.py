"""Resource shares: what should be in them, what is, and the changes between the two."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from stagegate.approvals.entitlement import Entitlement
from stagegate.core.arns import subject_of
from stagegate.rules.model import Rules

SURFACE = "share"

CARD_PERMISSION = "AWSRAMPermissionSageMakerModelCards"
CARD_EXPORT_PERMISSION = "AWSRAMPermissionSageMakerModelCardsAllowExport"

LIVE = frozenset({"ASSOCIATING", "ASSOCIATED"})
"""The statuses in which an association gives access, or is about to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of our resource shares, for a stage of an `audience` ("" for all alike).

    `principals` maps an account id to its association's status; None where they weren't looked at. `shard` counts up as
    shares of one stage fill (5,000 resources each). `permission` is what it was made with, `gives` what it has now for
    its kind of subject; None where that wasn't looked at. `lacks` are the tags of ours, with their values, that it
    should carry and doesn't. `misplaced` are the subjects in it that the rules have for another audience, where that
    was looked at.
    """

    arn: str
    stage: str
    permission: str
    shard: int = 0
    external: bool = False
    principals: Mapping[str, str] | None = None
    gives: tuple[str, ...] | None = None
    lacks: tuple[tuple[str, str], ...] = ()
    audience: str = ""
    misplaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedShares:
    """The card's associations with every share (share ARN to status), and our own shares where they were looked at."""

    associations: Mapping[str, str] = field(default_factory=dict)
    shares: tuple[Share, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShare:
    """Associate the card with the stage's share, which is made if there is none (`share_arns` is empty)."""

    surface: ClassVar[str] = SURFACE
    closes: ClassVar[bool] = False
    places: ClassVar[tuple[str, ...]] = ()

    subject_arn: str
    stage: str
    accounts: tuple[str, ...]
    permission: str
    external: bool
    share_arns: tuple[str, ...] = ()
    missing_principals: tuple[str, ...] = ()
    audience: str = ""

    def line(self) -> str:
        """Return the stage with its accounts, and what they get."""
        for_whom = f" for {self.audience}" if self.audience else ""
        return f"open {self.stage}{for_whom} ({', '.join(self.accounts)}) with {self.permission}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseShare:
    """Take the card out of a share, or accounts out of it that no stage of that name has. `lacks` are tags that it
    needs first: without them AWS lets nobody of ours change it.
    """

    surface: ClassVar[str] = SURFACE
    closes: ClassVar[bool] = True

    stage: str
    share_arn: str
    subject_arn: str | None = None
    principals: tuple[str, ...] = ()
    lacks: tuple[tuple[str, str], ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The share, or the accounts in it."""
        return tuple(f"{self.share_arn}/{account}" for account in self.principals) or (self.share_arn,)

    def line(self) -> str:
        """Return what is taken out of the stage's share."""
        if self.subject_arn is None:
            return f"take {', '.join(self.principals)} out of the share of {self.stage}"
        return f"close {self.stage}: take the {subject_of(self.subject_arn).noun} out of its share"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldShare:
    """A share of ours: the stage that it was made for, of whichever audience, whether anything is in it, and its
    accounts.
    """

    arn: str
    stage: str
    holds: bool
    accounts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveShare:
    """Delete a share that nothing is in."""

    surface: ClassVar[str] = SURFACE
    closes: ClassVar[bool] = False
    places: ClassVar[tuple[str, ...]] = ()

    stage: str
    share_arn: str

    def line(self) -> str:
        """Return whose share it is."""
        return f"delete the share of {self.stage}: nothing is in it"


def permission_of(rules: Rules) -> str:
    """Return the name of the RAM permission that the rules ask for. None of them is read-only (see fences)."""
    return CARD_EXPORT_PERMISSION if rules.cards.export else CARD_PERMISSION


def is_as_recorded(associations: Mapping[str, str], recorded: Collection[str]) -> bool:
    """Tell whether the card is in exactly the shares that are on record, all of them settled."""
    return set(associations) == set(recorded) and set(associations.values()) <= {"ASSOCIATED"}


def share_changes(
    rules: Rules, subject_arn: str, entitlements: Iterable[Entitlement], observed: ObservedShares
) -> tuple[tuple[CloseShare, ...], tuple[OpenShare, ...]]:
    """Return what must be closed and what must be opened for a card (see `sharing_changes`)."""
    permission = permission_of(rules)
    return sharing_changes(
        rules, subject_arn, {entitlement.stage: permission for entitlement in entitlements}, observed
    )


def sharing_changes(
    rules: Rules, subject_arn: str, wanted: Mapping[str, str], observed: ObservedShares
) -> tuple[tuple[CloseShare, ...], tuple[OpenShare, ...]]:
    """Return what must be closed and what must be opened, for observed shares with their principals.

    `wanted` has the stages that are to see the card, or the hub, each with the name of its permission. A stage's card
    belongs into one of that stage's shares with that permission, for its audience; in every other share of ours it is
    closed. Accounts that any share lacks which the card may be put into are named: which share has room turns out when
    it is tried. Before a share of an audience gets an account, what is in it for another audience goes: all that is in
    it opens to the account. Foreign shares are left alone (`foreign_shares` finds them).
    """
    shares = observed.shares or ()
    live = {arn for arn, status in observed.associations.items() if status in LIVE}
    closes: list[CloseShare] = []
    opens: list[OpenShare] = []
    kept = {name: share_of(rules, name, observed, wanted[name]) for name in sorted(wanted)}
    for share in shares:
        if share.arn in live and share not in kept.values():
            closes.append(
                CloseShare(stage=share.stage, share_arn=share.arn, subject_arn=subject_arn, lacks=share.lacks)
            )
        closes += [
            CloseShare(stage=share.stage, share_arn=share.arn, subject_arn=other, lacks=share.lacks)
            for other in share.misplaced
        ]
        if strangers := _strangers(rules, share):
            closes.append(CloseShare(stage=share.stage, share_arn=share.arn, principals=strangers, lacks=share.lacks))
    for name, share_kept in kept.items():
        accounts = rules.stage(name).accounts
        usable = (share_kept,) if share_kept else _usable(rules, name, observed, wanted[name])
        states = [_states(share, accounts) for share in usable]
        if share_kept and {observed.associations[share_kept.arn], *states[0].values()} == {"ASSOCIATED"}:
            continue
        opens.append(
            OpenShare(
                subject_arn=subject_arn,
                stage=name,
                accounts=accounts,
                permission=wanted[name],
                external=rules.organization.id is None,
                share_arns=tuple(share.arn for share in usable),
                missing_principals=tuple(sorted({a for of in states for a, state in of.items() if state not in LIVE})),
                audience=rules.audience or "",
            )
        )
    return tuple(closes), tuple(opens)


def share_of(rules: Rules, stage: str, observed: ObservedShares, permission: str | None = None) -> Share | None:
    """Return the share that gives a stage the card as the rules want it, or None. Of several, one that has settled.

    `permission` is the one for model cards where it is left out.
    """
    usable = _usable(rules, stage, observed, permission or permission_of(rules))
    holding = [s for s in usable if observed.associations.get(s.arn) in LIVE]
    return min(holding, key=lambda s: (observed.associations[s.arn] != "ASSOCIATED", s.shard, s.arn), default=None)


def foreign_shares(observed: ObservedShares) -> tuple[str, ...]:
    """Return the shares that hold the card and are ours neither by their mark nor by the record."""
    ours = {share.arn for share in observed.shares or ()}
    return tuple(sorted(arn for arn, status in observed.associations.items() if status in LIVE and arn not in ours))


def lacking(rules: Rules, share: Share) -> tuple[str, ...]:
    """Return the accounts that a share of this audience is about to get: those of its stage that aren't in it."""
    stage = next((s for s in rules.stages if (s.name, rules.audience) == (share.stage, share.audience)), None)
    states = _states(share, stage.accounts if stage else ())
    return tuple(account for account, state in states.items() if state not in LIVE)


def _strangers(rules: Rules, share: Share) -> tuple[str, ...]:
    """Return the accounts in a share that its stage doesn't have. What is in another audience's share leaves that one
    by its own runs: whom it is for, its rules say.
    """
    if share.audience != rules.audience:
        return ()
    stage = next((s for s in rules.stages if s.name == share.stage), None)
    accounts = stage.accounts if stage else ()
    live = (principal for principal, status in (share.principals or {}).items() if status in LIVE)
    return tuple(sorted(principal for principal in live if principal not in accounts))


def _usable(rules: Rules, stage: str, observed: ObservedShares, permission: str) -> tuple[Share, ...]:
    """Return the stage's shares that the card may be put into, in the order in which they are tried."""
    external = rules.organization.id is None
    wanted = (stage, rules.audience, permission, external)
    right = (s for s in observed.shares or () if (s.stage, s.audience, s.permission, s.external) == wanted)
    return tuple(sorted(right, key=lambda share: (share.shard, share.arn)))


def _states(share: Share, accounts: Iterable[str]) -> Mapping[str, str | None]:
    if share.principals is None:
        return {}
    return {account: share.principals.get(account) for account in accounts}
