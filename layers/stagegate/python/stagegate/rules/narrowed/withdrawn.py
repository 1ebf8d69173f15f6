"""What the rules say once Stagegate is withdrawn: nobody is let at anything."""

from dataclasses import dataclass, fields, replace

from stagegate.core.statuses import PackageStatus
from stagegate.rules.hubs import HubState
from stagegate.rules.model import CardRules, PackageRules, PackageStatusRule, Rules, StatusRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Rules):
    """Rules that open nothing, ask nobody and deny nothing, whatever governance.toml says. `withdrawn` makes them.

    `registered` are the repositories that they named: something of ours may still stand there.
    """

    registered: tuple[str, ...] = ()

    @property
    def repository_addresses(self) -> tuple[str, ...]:
        """Return those that the rules named before."""
        return self.registered

    @property
    def is_withdrawn(self) -> bool:
        """They are."""
        return True

    def importing(self, group: str, status: PackageStatus) -> tuple[str, ...]:  # noqa: ARG002  whatever they are
        """Return that nothing is imported."""
        return ()


def withdrawn(rules: Rules) -> Withdrawn:
    """Return what the rules come to when Stagegate is withdrawn.

    Stages, buckets and imports stay: what is open is known by them, and an import's entry says what of it is kept. So
    do the numbers, and `paused`, which holds back this as everything else.
    """
    nothing = replace(
        rules,
        cards=_cards(rules.cards),
        packages=_packages(rules.packages) if rules.packages else None,
        registrations=(),
        guardrails=(),
        hubs=tuple(replace(hub, state=HubState.ABSENT) for hub in rules.hubs),
    )
    said = {each.name: getattr(nothing, each.name) for each in fields(Rules)}
    return Withdrawn(**said, registered=rules.repository_addresses)


def _cards(rules: CardRules) -> CardRules:
    return replace(rules, status={status: StatusRule() for status in rules.status})


def _packages(rules: PackageRules) -> PackageRules:
    return replace(rules, status={status: PackageStatusRule() for status in rules.status})
