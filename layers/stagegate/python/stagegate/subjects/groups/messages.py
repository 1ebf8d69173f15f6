"""What a person is told about a model package group, beside what they are told about every subject."""

from collections.abc import Iterable

from stagegate.core.statuses import PackageStatus
from stagegate.core.untrusted import quoted
from stagegate.plans.decision import Decision
from stagegate.plans.grants import Grant
from stagegate.plans.wording import NOBODY, Wording
from stagegate.subjects.groups.decide import REGISTER
from stagegate.subjects.groups.model import Group
from stagegate.targets.target import target_of, title


def wording(decision: Decision, group: Group | None) -> Wording:
    """Return what is said of a group, None for one that is gone."""
    on_targets = [grant for grant in decision.grants if grant.target]
    access = tuple(_access(on_targets, decision.subject.partition)) or NOBODY
    headline = f"registering in {decision.subject.name}"
    if group is None:
        return Wording(headline=headline, access=access)
    return Wording(headline=headline, access=access, about=_about(group))


def _about(group: Group) -> tuple[str, ...]:
    """Return what the group is, and what a registration has to say."""
    return (
        f"It says: {quoted(group.description)}" if group.description else "The group has no description.",
        f"A version registered from another account has to say ModelApprovalStatus {PackageStatus.PENDING}: with"
        " another one, or none, it is refused.",
    )


def _access(grants: Iterable[Grant], partition: str) -> list[str]:
    """Return which stages may register after that, and which account may read what they register, on which targets."""
    on: dict[str, list[str]] = {}
    for grant in grants:
        accounts = ", ".join(grant.accounts)
        is_stage = grant.permission == REGISTER
        who = f"{grant.stage} ({accounts}): {REGISTER}" if is_stage else f"{accounts} for {grant.stage}: read"
        on.setdefault(who, []).append(title(target_of(grant.target, partition)))
    return [f"- {who}; {', '.join(targets)}" for who, targets in on.items()]
