"""What a seeded fault says of itself, above its diff: what it breaks, and by what soak catches it fastest.

    breaks: Whoever sets the status is taken for an approver.
    caught-by: history
      creates_a_card(n=0, status='PendingReview', risk='Low', filled=True, pause=200)
      approves_a_card_wrongly(n=0, who='owner', pause=200)

    --- a/layers/...

`git apply` ignores it. The steps are written as soak prints those that lead to something wrong.
"""

from __future__ import annotations

import argparse
import ast
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

FAULTS = Path(__file__).parents[1] / "faults"
_BREAKS, _CAUGHT_BY = "breaks: ", "caught-by: "


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a history: what happens, and with what."""

    what: str
    given: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        """As soak prints it."""
        return f"{self.what}({', '.join(f'{name}={value!r}' for name, value in self.given)})"


@dataclass(frozen=True, slots=True)
class Check:
    """A part of soak, and how much of it: as its text says, from which equal checks are known.

    `history` takes `steps`; `histories` are random ones, by their `seed`; `faults` and `stops` are of one `story`, and
    of those `only` whose name has that text. Without it, `faults` is the step alone, with no fault at all. `teams` are
    so many teams.
    """

    part: str
    seed: int = 1
    subjects: int = 2
    histories: int = 0
    story: str = ""
    only: str = ""
    teams: int = 0
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """`breaks` is one sentence. `check` is None where a patch from outside says nothing."""

    name: str
    breaks: str
    check: Check | None


def read(patch: Path) -> Head:
    """Read the head of a patch. Raises ValueError where it says what nobody understands."""
    breaks, check, steps = "", None, []
    for number, line in enumerate(patch.read_text().splitlines(), 1):
        if line.startswith(("--- ", "diff ")):
            break
        try:
            if line.startswith(_BREAKS):
                breaks = line.removeprefix(_BREAKS).strip()
            elif line.startswith(_CAUGHT_BY):
                check = _check(line.removeprefix(_CAUGHT_BY))
            elif check is not None and line.strip():
                steps.append(_step(line.strip()))
        except ValueError as error:
            raise ValueError(f"{patch}:{number}: {error}") from None
    if check is not None and (check.part == "history") != bool(steps):
        raise ValueError(f"{patch}: found {check.part} with {len(steps)} steps; a history has steps, and nothing else")
    return Head(patch.stem, breaks, _with(check, tuple(steps)) if check is not None else None)


def ours() -> list[Path]:
    """Our own patches."""
    return sorted(FAULTS.glob("*.patch"))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _check(text: str) -> Check:
    parser = _Parser(add_help=False, exit_on_error=False)
    parser.add_argument("part", choices=("history", "histories", "faults", "stops", "teams"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--subjects", type=int, default=2)
    parser.add_argument("--histories", type=int, default=40)
    parser.add_argument("--story", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--teams", type=int, default=6)
    try:
        return Check(**vars(parser.parse_args(shlex.split(text))))
    except argparse.ArgumentError as error:
        raise ValueError(str(error)) from None


def _with(check: Check, steps: tuple[Step, ...]) -> Check:
    return replace(check, steps=steps)


def _step(text: str) -> Step:
    try:
        call = ast.parse(text, mode="eval").body
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args:
            given = tuple((each.arg or "", ast.literal_eval(each.value)) for each in call.keywords)
            return Step(call.func.id, given)
    except (SyntaxError, ValueError):
        pass
    raise ValueError(f"found {text!r}; allowed: what(name=value, ...)")
