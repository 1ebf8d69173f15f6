"""The rules with the accounts of their organizational units: each sweep asks, and the runs between go by the record."""

from dataclasses import replace

from stagegate.aws import organization_units
from stagegate.core.errors import RetryableError, StagegateError
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
    if known.is_before(sweep) or not known.units.keys() >= set(named):
        known = _kept(planner, _heard(planner, named, known, sweep), known)
    planner.told_in_sweep.tell_units(sweep, known)
    heard = known.heard(rules.sweep.close_after_blind_sweeps, own=planner.environment.account)
    return with_units(rules, heard)


def _kept(planner: Planner, heard: Units, before: Units) -> Units:
    """Record what was heard, and return what is on record then.

    What a sweep has heard of every unit goes in place of anything. All else is written only over what it was made of:
    another plan of the sweep may have heard meanwhile what this one could not.
    """
    table = planner.environment.table
    is_whole = before.sweep != heard.sweep and not any(unit.unheard for unit in heard.units.values())
    if ledger.write(planner.dynamodb, table, heard, None if is_whole else before):
        return heard
    theirs = ledger.read(planner.dynamodb, table)
    return replace(theirs, units={**heard.units, **theirs.units})


def _heard(planner: Planner, named: tuple[str, ...], known: Units, sweep: str) -> Units:
    """Ask about the units. Raises RetryableError where nothing is known of one yet and it may be heard a little later:
    to go on would close what is open there.
    """
    is_new = known.is_before(sweep)
    units: dict[str, Unit] = {}
    for name in named:
        before = known.units.get(name)
        if before is not None and not is_new:
            units[name] = before
            continue
        try:
            accounts = organization_units.accounts_in(planner.organizations, name)
        except StagegateError as error:
            if before is not None:
                units[name] = Unit(accounts=before.accounts, unheard=before.unheard + 1)
            elif isinstance(error, RetryableError):
                raise
        else:
            units[name] = Unit(accounts=tuple(sorted(accounts)))
    return Units(units=units, sweep=sweep if is_new else known.sweep)
