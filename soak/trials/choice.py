"""Which faults are tried by themselves, of all that there could be.

What becomes of a call at all (throttled, denied, lost, the function killed) is tried at each call. Of the errors that
its model has, one of those that are alike is tried at each call, and each at least once at each operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from soak.trials.alike import Alike
from soak.trials.calls import Fault, Made, faults_of


@dataclass(slots=True)
class Chosen:
    """What is tried of each step, by its name; and how many more would be the same as one of these."""

    cells: dict[str, dict[Made, list[Fault]]] = field(default_factory=dict)
    same: int = 0

    @property
    def of(self) -> int:
        """How many are tried by themselves."""
        return sum(len(faults) for calls in self.cells.values() for faults in calls.values())


def choose(made: Mapping[str, list[Made]]) -> Chosen:
    """The faults of every call of every step."""
    chosen, known = Chosen(), set[tuple[str, str, bool, str]]()
    for story, calls in made.items():
        cells = chosen.cells.setdefault(story, {})
        for call in calls:
            every = faults_of(call)
            cells[call] = _of_one_call(call, every, known)
            chosen.same += len(every) - len(cells[call])
    return chosen


def _of_one_call(call: Made, every: list[Fault], known: set[tuple[str, str, bool, str]]) -> list[Fault]:
    found, seen = list[Fault](), set[Alike]()
    for fault in every:
        place = (call.service, call.operation, call.in_function, fault.kind)
        # An error that no other step has had here stands for those that are like it.
        if fault.alike and place in known:
            continue
        known.add(place)
        seen.add(fault.alike)
        found.append(fault)
    for fault in every:
        if fault.alike and fault.alike not in seen:
            seen.add(fault.alike)
            found.append(fault)
    return found
