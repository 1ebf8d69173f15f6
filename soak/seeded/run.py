"""Tries seeded faults: each on a product of its own, in a copy of one process that has started the organization once.

A fault is caught where its check finds something wrong, and nothing without the fault. One from outside that names no
check is tried with those of ours, which are the shortest histories that we know of, and then with whatever soak has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from proofs import figures as figures_of
from soak.histories.world import World
from soak.seeded import checks
from soak.seeded.head import FAULTS, Check, ours, read
from soak.seeded.trees import Tree, tree
from soak.simulation import processor
from soak.simulation.copies import Report, copied

Soak = Callable[[World], Iterator[Report]]
"""All of soak, which reports as a check does."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What became of one: `by` says which check has caught it and what it has found, `after` how much of it."""

    name: str
    caught: bool
    by: str
    after: str


class Seeded:
    """The organization that faults are tried on, and what the checks find without any."""

    def __init__(self, world: World, copy: Tree) -> None:
        self._world, self._copy = world, copy
        self._without: dict[Check, str] = {}

    def tried(self, patch: Path, others: Sequence[Check] = (), soak: Soak | None = None) -> Fault:
        """Try one: with its own check, then with the others, then with all of soak. Raises ValueError where it doesn't
        apply, or can't be read.
        """
        head = read(patch)
        own = (head.check,) if head.check is not None else ()
        with self._copy.patched(patch):
            for check in dict.fromkeys((*own, *others)):
                report = self._report(partial(checks.done, check))
                if report["wrong"]:
                    break
            else:
                if soak is None:
                    return Fault(head.name, caught=False, by="", after=report["after"])
                report = self._report(soak)
                return Fault(head.name, caught=bool(report["wrong"]), by=report["wrong"], after=report["after"])
        if said := self._finds_without(check):
            return Fault(
                head.name, caught=False, by=f"{check.part}: the same without it: {said}", after=report["after"]
            )
        return Fault(head.name, caught=True, by=f"{check.part}: {report['wrong']}", after=report["after"])

    def _finds_without(self, check: Check) -> str:
        if check not in self._without:
            self._without[check] = self._report(partial(checks.done, check))["wrong"]
        return self._without[check]

    def _report(self, work: Soak) -> Report:
        reports = list(copied(partial(self._deployed, work), processor.MOST_S))
        if reports[-1].get("died") == processor.IN_CIRCLES:
            return {"wrong": processor.IN_CIRCLES, "after": ""}
        if "died" in reports[-1]:
            raise RuntimeError(reports[-1]["died"])
        return reports[-1]

    def _deployed(self, work: Soak) -> Iterator[Report]:
        self._copy.deploy(self._world)
        yield from work(self._world)


def one(patch: Path, start: Callable[[], World], soak: Soak) -> int:
    """Try one, ours by its name or anybody's by its path, and print by what it was caught. 0 where it was, 1 where it
    wasn't, 2 where it can't be tried.
    """
    found = patch if patch.exists() else FAULTS / f"{patch.stem}.patch"
    if not found.exists():
        print(f"{patch}: found no such file, and no seeded fault of that name")
        return 2
    try:
        with tree() as copy:
            with copy.patched(found):
                read(found)
            others = [head.check for head in map(read, ours()) if head.check is not None]
            tried = Seeded(start(), copy).tried(found, others, soak)
    except (OSError, RuntimeError, ValueError) as error:
        print(error)
        return 2
    print(f"{tried.name}: {'caught' if tried.caught else 'NOT CAUGHT'} after {tried.after}")
    print(f"  by {tried.by}" if tried.by else "  nothing was wrong")
    return 0 if tried.caught else 1


def each(names: Sequence[str], start: Callable[[], World], output: Path) -> int:
    """Try all of ours, or those of these names, each with its own check, and print a table; write it as JSON where
    it is all.
    """
    known = {patch.stem: patch for patch in ours()}
    if unknown := sorted(set(names) - set(known)):
        print(f"found no such fault: {', '.join(unknown)}; allowed: {', '.join(known)}")
        return 2
    found, is_of = list[Fault](), figures_of.tree()
    with tree() as copy:
        seeded = Seeded(start(), copy)
        for name in names or known:
            try:
                found.append(seeded.tried(known[name]))
            except (RuntimeError, ValueError) as error:
                found.append(Fault(name, caught=False, by=f"it can't be tried: {error}", after=""))
            print(row(found[-1]), flush=True)
    caught = sum(fault.caught for fault in found)
    print(f"Seeded faults: {caught} of {len(found)} are caught")
    if not names:
        write(found, is_of, output)
    return 0 if caught == len(found) else 1


def write(found: Sequence[Fault], is_of: str, output: Path) -> None:
    """Write what became of all, with a figure: the page of `make soak` takes it where what `is_of` is the same tree."""
    caught, of = sum(fault.caught for fault in found), len(found)
    figure = {"name": "seeded faults", "value": caught, "of": of, "ok": caught == of}
    output.parent.mkdir(parents=True, exist_ok=True)
    text = {"tree": is_of, "faults": [asdict(fault) for fault in found], "figures": [figure]}
    output.write_text(json.dumps(text, indent=1) + "\n")


def row(fault: Fault) -> str:
    """A row of the table."""
    said = " ".join(fault.by.split()) or "nothing was wrong"
    return f"{fault.name:<44} {'caught' if fault.caught else 'NOT CAUGHT':<10}  {fault.after:<14}  {said}"
