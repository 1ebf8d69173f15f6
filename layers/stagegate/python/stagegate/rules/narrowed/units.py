"""Organizational units of the rules, and the accounts that they come to."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from stagegate.core.findings import Finding, blocked, warned
from stagegate.rules.audiences import AudienceStage
from stagegate.rules.model import Rules, Stage


def units_of(rules: Rules) -> tuple[str, ...]:
    """Return the units that the rules name, each once."""
    named = (
        *(unit for stage in rules.stages for unit in stage.units),
        *(unit for audience in rules.audiences for stage in audience.stages for unit in stage.units),
    )
    return tuple(sorted(set(named)))


def with_units(rules: Rules, found: Mapping[str, Collection[str]], reachable: Collection[str]) -> Rules:
    """Return the rules with the accounts of each unit in its place, as far as they are `reachable`.

    A unit of which nothing was `found` stays, and so does one with other accounts, with them behind it: `unsettled`
    says what that means. None of them opens anything.
    """
    if not units_of(rules):
        return rules
    return replace(
        rules,
        stages=tuple(_of_stage(stage, found, reachable) for stage in rules.stages),
        audiences=tuple(
            replace(each, stages=tuple(_of_audience(stage, found, reachable) for stage in each.stages))
            for each in rules.audiences
        ),
    )


def unsettled(rules: Rules) -> tuple[Finding, ...]:
    """Return what is found of units that these rules still have once their accounts were put in their place."""
    findings: list[Finding] = []
    for stage in rules.stages:
        for unit in stage.units:
            name, _, beyond = unit.partition(":")
            if beyond:
                detail = (
                    f"Unit {name} has {beyond}, and the stack's MemberAccounts don't: nothing opens there. Deploy the"
                    " member stack there, and name it in MemberAccounts."
                )
                findings.append(warned("UnitBeyondMembers", detail, stage.name))
            else:
                detail = (
                    f"Who is in unit {name} could not be asked, and isn't known: nothing opens for it. Is its id right,"
                    " and organizations:ListAccountsForParent in the organization's delegation policy"
                    " (organization/delegation-policy.json)?"
                )
                findings.append(blocked("UnitUnknown", detail, stage.name))
    return tuple(dict.fromkeys(findings))


def _of_stage(stage: Stage, found: Mapping[str, Collection[str]], reachable: Collection[str]) -> Stage:
    here, left = _settled(stage.units, found, reachable)
    return replace(stage, accounts=tuple(dict.fromkeys((*stage.accounts, *here))), units=left)


def _of_audience(
    stage: AudienceStage, found: Mapping[str, Collection[str]], reachable: Collection[str]
) -> AudienceStage:
    """A stage of an audience whose units have nobody has no account, and not those of the stage in general."""
    if not stage.units:
        return stage
    here, left = _settled(stage.units, found, reachable)
    return replace(stage, accounts=tuple(dict.fromkeys((*(stage.accounts or ()), *here))), units=left)


def _settled(
    units: Collection[str], found: Mapping[str, Collection[str]], reachable: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the accounts of units, and what is left of the units."""
    inside = {account for unit in units for account in found.get(unit, ())}
    left: list[str] = []
    for unit in units:
        beyond = sorted(set(found.get(unit, ())) - set(reachable))
        if unit not in found:
            left.append(unit)
        elif beyond:
            left.append(f"{unit}:{', '.join(beyond)}")
    return tuple(sorted(inside.intersection(reachable))), tuple(left)
