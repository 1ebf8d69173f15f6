"""The rules for one model: those of its audience, with accounts, roles and approvers that are for it alone."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from stagegate.core.findings import Finding, blocked
from stagegate.core.statuses import PackageStatus
from stagegate.rules.audiences import Audience
from stagegate.rules.model import Approvers, CardRules, PackageRules, PackageStatusRule, Rules, StatusRule
from stagegate.rules.narrowed.choice import choose, kind_selected, unsettled_by
from stagegate.rules.narrowed.stages import stage_of

if TYPE_CHECKING:
    from stagegate.core.arns import Subject


_EVERYBODY = Audience(name="")
"""The one audience of a file that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRules(Rules):
    """The rules as they are for the models of one audience. `file` is the whole; `chosen` whom the model is for.

    `stages` have the accounts and roles of the audience, `approvers` are its own. A stage in which it has no account
    isn't opened by anything. Where nobody is chosen, nothing is.
    """

    file: Rules
    chosen: Audience | None

    @property
    def whole(self) -> Rules:
        """Return the rules for all models."""
        return self.file

    @property
    def audience(self) -> str | None:
        """Return the audience's name, None where the model is for nobody."""
        return self.chosen.name if self.chosen else None

    @property
    def is_withdrawn(self) -> bool:
        """Whether the whole is."""
        return self.file.is_withdrawn

    @property
    def repository_addresses(self) -> tuple[str, ...]:
        """Return those of the whole."""
        return self.file.repository_addresses

    def importing(self, group: str, status: PackageStatus) -> tuple[str, ...]:
        """Return the stages of the audience into which such packages are imported."""
        mine = _reachable(self)
        return tuple(stage for stage in self.file.importing(group, status) if stage in mine)


def for_subject(rules: Rules, subject: "Subject") -> Rules:
    """Return the rules for a subject: the same where they have no audiences, or the kind of subject is for nobody in
    particular, but for stages that have no account (of units, say): nothing opens these.
    """
    kind = kind_selected(subject.kind)
    if kind is None:
        return rules
    if not rules.audiences:
        is_whole = all(stage.accounts for stage in rules.stages)
        return rules if is_whole else _for_audience(rules, _EVERYBODY)
    return _for_audience(rules, choose(rules.audiences, kind, _name_of(subject), subject.account))


def for_follower(rules: Rules, audience: str | None) -> Rules:
    """Return the rules for a package that follows a card of that audience, None for no card and for one of nobody:
    where no audience selects its group, those of the card's.

    `rules` are those for the package by its group. One that selects the group isn't overruled by whoever writes a card.
    """
    if audience is None or rules.audience is not None:
        return rules
    chosen = next((each for each in rules.whole.audiences if each.name == audience), None)
    return _for_audience(rules.whole, chosen)


def audience_of(rules: Rules, subject: "Subject") -> str | None:
    """Return the name of the audience that a subject is for, as `for_subject` has it; "" for everybody."""
    whole, kind = rules.whole, kind_selected(subject.kind)
    if kind is None or not whole.audiences:
        return ""
    chosen = choose(whole.audiences, kind, _name_of(subject), subject.account)
    return chosen.name if chosen else None


def may_be_for(rules: Rules, subject: "Subject", audience: str) -> bool:
    """Tell whether a subject is for that audience, or may be by its tag, of which these rules know nothing."""
    whole, kind = rules.whole, kind_selected(subject.kind)
    if kind is None or audience_of(rules, subject) == audience:
        return True
    return unsettled_by(whole.audiences, kind, _name_of(subject), subject.account) is not None


def _for_audience(rules: Rules, audience: Audience | None) -> AudienceRules:
    """Return the rules for the models that are for one audience, or for nobody."""
    said = {each.name: getattr(rules, each.name) for each in fields(Rules)}
    stages = tuple(stage_of(stage, audience) for stage in rules.stages)
    if audience is None:
        stages = tuple(replace(stage, accounts=(), units=()) for stage in stages)
    said |= {"stages": stages, "approvers": _approvers(rules, audience)}
    mine = {stage.name for stage in stages if stage.accounts}
    said["cards"] = _cards(rules.cards, mine, asks=audience is not None)
    if rules.packages:
        said["packages"] = _packages(rules.packages, mine, asks=audience is not None)
    said["registrations"] = tuple(each for each in rules.registrations if each.stage in mine)
    said["hubs"] = tuple(
        replace(hub, shares=tuple(share for share in hub.shares if share.stage in mine)) for hub in rules.hubs
    )
    return AudienceRules(**said, file=rules, chosen=audience)


def nobody(rules: Rules, subject: "Subject") -> tuple[Finding, ...]:
    """Return the finding for a model that is for nobody; none for rules that have it for somebody, or for all, and for
    packages that aren't governed at all.
    """
    if not isinstance(rules, AudienceRules) or rules.audience is not None or rules.is_withdrawn:
        return ()
    if subject.kind == "model-package" and rules.packages is None:
        return ()
    what, kind = subject.noun, kind_selected(subject.kind)
    by_tag = unsettled_by(rules.file.audiences, kind, _name_of(subject), subject.account) if kind else None
    if by_tag and by_tag.tag:
        detail = (
            f"Whom the {what} is for rests on its tag {by_tag.tag.key}, which doesn't count:"
            f" {by_tag.why_unsettled(_name_of(subject))}. Nobody is let at it until somebody of [[tags]] sets that tag"
            " once more, or takes it off."
        )
        return (blocked("TagUnsettled", detail),)
    detail = (
        f"No audience of governance.toml selects the {what}: nobody is let at it. Name it, or its owner, in one of"
        " [[audiences]]."
    )
    return (blocked("NoAudience", detail),)


def _name_of(subject: "Subject") -> str:
    """Return the name that audiences go by: of a package, its group's."""
    return subject.name.partition("/")[0] if subject.kind == "model-package" else subject.name


def _approvers(rules: Rules, audience: "Audience | None") -> tuple[Approvers, ...]:
    """Return the audience's approvers of a stage where it has some, else those for all audiences.

    A stage that is gated for others only has an entry of nobody: nobody lets these models in, and no status does.
    """
    name = audience.name if audience else None
    own = {entry.stage for entry in rules.approvers if entry.audience is not None and entry.audience == name}
    found = tuple(
        entry for entry in rules.approvers if (entry.audience == name if entry.stage in own else entry.audience is None)
    )
    left = {entry.stage for entry in rules.approvers} - {entry.stage for entry in found}
    return (*found, *(Approvers(stage=stage, principals=(), audience=name) for stage in sorted(left)))


def _cards(rules: CardRules, stages: Collection[str], *, asks: bool) -> CardRules:
    status = {
        name: StatusRule(
            opens=tuple(access for access in rule.opens if access.stage in stages),
            ask_approvers=rule.ask_approvers and asks,
        )
        for name, rule in rules.status.items()
    }
    return replace(rules, status=status)


def _packages(rules: PackageRules, stages: Collection[str], *, asks: bool) -> PackageRules:
    status = {
        name: PackageStatusRule(
            opens=tuple(stage for stage in rule.opens if stage in stages), ask_approvers=rule.ask_approvers and asks
        )
        for name, rule in rules.status.items()
    }
    return replace(rules, status=status)


def _reachable(rules: Rules) -> frozenset[str]:
    return frozenset(stage.name for stage in rules.stages if stage.accounts)
