"""The rules without accounts that aren't in the organization: nothing opens for these, whatever the file says."""

from collections.abc import Collection
from dataclasses import replace

from stagegate.core.findings import Finding, warned
from stagegate.rules.audiences import AudienceStage
from stagegate.rules.model import Rules, Stage


def without_outsiders(rules: Rules, outsiders: Collection[str]) -> Rules:
    """Return the rules in which no stage has any of these accounts. Who owns models, buckets or keys stays who it is.

    They stand among the stage's `units`, as what is named and has nobody: `unsettled` says what that means.
    """
    if not outsiders:
        return rules

    def of_stage(stage: Stage) -> Stage:
        inside, outside = _apart(stage.accounts, outsiders)
        return replace(stage, accounts=inside, units=(*stage.units, *outside))

    def of_audience(stage: AudienceStage) -> AudienceStage:
        if stage.accounts is None:  # those of the stage in general: no account would be nobody
            return stage
        inside, outside = _apart(stage.accounts, outsiders)
        return replace(stage, accounts=inside, units=(*stage.units, *outside))

    return replace(
        rules,
        stages=tuple(of_stage(stage) for stage in rules.stages),
        audiences=tuple(
            replace(each, stages=tuple(of_audience(stage) for stage in each.stages)) for each in rules.audiences
        ),
    )


def unheard() -> Finding:
    """Return what is found of a sweep in which nobody could ask who is in the organization."""
    return warned(
        "AccountsUnknown",
        "Organizations did not say in this sweep which accounts are in the organization. One that has left keeps what"
        " it has. Is organizations:ListAccounts in the organization's delegation policy"
        " (organization/delegation-policy.json)?",
    )


def _apart(accounts: tuple[str, ...], outsiders: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    inside = tuple(account for account in accounts if account not in outsiders)
    return inside, tuple(account for account in accounts if account in outsiders)
