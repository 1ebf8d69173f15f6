"""The rules with the accounts of their organizational units: each sweep asks, and the runs between go by the record."""

from stagegate.aws import organization_units
from stagegate.core.errors import StagegateError
from stagegate.ledger import units as ledger
from stagegate.ledger.units import Unit, Units
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.units import units_of, with_units
from stagegate.subjects.context import Planner

PERMISSIONS = organization_units.PERMISSIONS | ledger.PERMISSIONS


def settled(planner: Planner, sweep: str) -> Rules:
    """Return the rules of a plan with accounts in place of units. Without units it takes no call, else one.

    The first plan of a sweep asks about every unit, as does one whose rules have a unit that is on no record. A unit
    that can't be asked about keeps its accounts, until so many sweeps could not that what rests on it closes
    (`close_after_blind_sweeps`).
    """
    rules = planner.rules
    named = units_of(rules)
    if not named:
        return rules
    told = planner.told_in_sweep.units_of(sweep)
    known = told or ledger.read(planner.dynamodb, planner.environment.table)
    is_new = bool(sweep) and known.sweep != sweep
    if is_new or not known.units.keys() >= set(named):
        known = _heard(planner, named, known, sweep)
        ledger.write(planner.dynamodb, planner.environment.table, known)
    planner.told_in_sweep.tell_units(sweep, known)
    most = rules.sweep.close_after_blind_sweeps
    found = {name: unit.accounts for name, unit in known.units.items() if unit.unheard < most and name in named}
    return with_units(rules, found, planner.environment.members - {planner.environment.account})


def _heard(planner: Planner, named: tuple[str, ...], known: Units, sweep: str) -> Units:
    is_new = bool(sweep) and known.sweep != sweep
    units: dict[str, Unit] = {}
    for name in named:
        before = known.units.get(name)
        if before is not None and not is_new:
            units[name] = before
            continue
        try:
            accounts = organization_units.accounts_in(planner.organizations, name)
        except StagegateError:
            if before is not None:
                units[name] = Unit(accounts=before.accounts, unheard=before.unheard + 1)
        else:
            units[name] = Unit(accounts=tuple(sorted(accounts)))
    return Units(units=units, sweep=sweep or known.sweep)
