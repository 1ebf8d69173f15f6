"""Organizational units of the rules, and the accounts that they come to."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from stagegate.core.findings import Finding, blocked
from stagegate.rules.audiences import AudienceStage
from stagegate.rules.model import Rules, Stage


def units_of(rules: Rules) -> tuple[str, ...]:
    """Return the units that the rules name, each once."""
    named = (
        *(unit for stage in rules.stages for unit in stage.units),
        *(unit for audience in rules.audiences for stage in audience.stages for unit in stage.units),
    )
    return tuple(sorted(set(named)))


def with_units(rules: Rules, found: Mapping[str, Collection[str]]) -> Rules:
    """Return the rules with the accounts of each unit in its place.

    A unit of which nothing was `found` stays, and opens nothing: `unsettled` says what that means.
    """
    if not units_of(rules):
        return rules
    return replace(
        rules,
        stages=tuple(_of_stage(stage, found) for stage in rules.stages),
        audiences=tuple(
            replace(each, stages=tuple(_of_audience(stage, found) for stage in each.stages)) for each in rules.audiences
        ),
    )


def unsettled(rules: Rules) -> tuple[Finding, ...]:
    """Return what is found of units that these rules still have once their accounts were put in their place, and of
    accounts that aren't in the organization (`without_outsiders`).
    """
    findings: list[Finding] = []
    for stage in rules.stages:
        for unit in stage.units:
            if unit.isdigit():
                detail = (
                    f"Account {unit} isn't in the organization: nothing opens for it, and what was open for it closes."
                    " Take it out of governance.toml, or have it join the organization."
                )
                findings.append(blocked("AccountOutside", detail, stage.name))
                continue
            detail = (
                f"Who is in unit {unit} could not be asked, and isn't known: nothing opens for it, and what was open"
                " for it closes. Is its id right, and organizations:ListAccountsForParent in the organization's"
                " delegation policy (organization/delegation-policy.json)?"
            )
            findings.append(blocked("UnitUnknown", detail, stage.name))
    return tuple(dict.fromkeys(findings))


def _of_stage(stage: Stage, found: Mapping[str, Collection[str]]) -> Stage:
    here, left = _settled(stage.units, found)
    return replace(stage, accounts=tuple(dict.fromkeys((*stage.accounts, *here))), units=left)


def _of_audience(stage: AudienceStage, found: Mapping[str, Collection[str]]) -> AudienceStage:
    """A stage of an audience whose units have nobody has no account, and not those of the stage in general."""
    if not stage.units:
        return stage
    here, left = _settled(stage.units, found)
    return replace(stage, accounts=tuple(dict.fromkeys((*(stage.accounts or ()), *here))), units=left)


def _settled(units: Collection[str], found: Mapping[str, Collection[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the accounts of units, and the units of which nothing was found."""
    inside = {account for unit in units for account in found.get(unit, ())}
    return tuple(sorted(inside)), tuple(unit for unit in units if unit not in found)
