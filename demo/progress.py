"""The story as it is played: for each step what happened, what consumers see, and which runs it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from demo.judge.costs import Cost
from demo.observers import describe
from demo.story import Finding, Step, StepResult
from demo.terminal import WIDTH, Terminal, wrapped

_INDENT = " " * 7
_BAR = "| "
_UNDER_OUTCOME = " " * 45
_SINGLY = 3
"""So many runs are shown one by one; more are summed up."""


_DONE = {
    "DenyWrites": "fence up",
    "OpenShare": "opened",
    "CloseShare": "closed",
    "AllowWrites": "fence down",
    "OpenTarget": "opened",
    "CloseTarget": "closed",
    "PutScp": "guardrail up",
    "RemoveScp": "guardrail down",
    "PutBoundary": "guardrail up",
    "RemoveBoundary": "guardrail down",
    "SetDirectDeployment": "direct deployment set",
    "MakeHub": "hub made",
    "SetReferences": "references written",
    "RemoveContents": "contents removed",
    "RemoveHub": "hub removed",
}


class Progress:
    """Prints steps as they begin and end."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._number = 0
        self._access = ""

    def begins(self, step: Step) -> None:
        """Say what is being done, until its outcome replaces it."""
        self._number += 1
        self._terminal.passing(f" … {self._number:>2}  {step.action}")

    def ends(self, result: StepResult) -> None:
        """Print what came of it."""
        style = self._terminal.style
        mark = style("✓", "green") if result.ok else style("✗", "red", "bold")
        latency = "" if result.access_latency_ms is None else f"seen after {result.access_latency_ms / 1000:.2f} s"
        room = WIDTH - len(_INDENT) - len(latency) - 2
        first, *rest = wrapped(result.step.action, room)
        gap = " " * (WIDTH - len(_INDENT) - len(first) - len(latency)) if latency else ""
        self._terminal.line(f" {mark} {self._number:>2}  {style(first, 'bold')}{gap}{latency}")
        for text in rest:
            self._terminal.line(_INDENT + style(text, "bold"))
        self._show_access(result)
        for finding in result.findings[1:]:
            self._show(finding)
        for line in _runs(result.costs):
            first, *rest = wrapped(line, WIDTH - len(_INDENT) - 1, at=", ")
            *before, last = [first, *(f"{_UNDER_OUTCOME}{more}" for more in rest)]
            for text in (*(f"{each}," for each in before), last):
                self._terminal.line(_INDENT + style(text, "dim"))

    def _show_access(self, result: StepResult) -> None:
        seen = describe(result.observed)
        changed = seen != self._access
        self._access = seen
        if not result.findings[0].ok:
            self._show(result.findings[0])
            return
        for text in wrapped(seen, WIDTH - len(_INDENT), at="  "):
            self._terminal.line(_INDENT + self._terminal.style(text, *(("cyan",) if changed else ("dim",))))

    def _show(self, finding: Finding) -> None:
        if finding.ok:
            texts = wrapped(finding.observed, WIDTH - len(_INDENT)) if finding.observed else []
        else:
            texts = wrapped(f"expected: {finding.expected}", WIDTH - len(_INDENT))
            texts += wrapped(f"observed: {finding.observed}", WIDTH - len(_INDENT))
        for line in finding.excerpt:
            first, *rest = wrapped(line, WIDTH - len(_INDENT) - len(_BAR) - 2)
            texts += [f"{_BAR}{first}", *(f"{_BAR}  {more}" for more in rest)]
        for text in texts:
            self._terminal.line(_INDENT + (text if finding.ok else self._terminal.style(text, "red")))


def outcome_of(cost: Cost) -> str:
    """Say in a few words what a run came to."""
    if cost.error:
        return "failed"
    if (count := cost.packages_started) is not None:
        return f"started the run{'' if count == 1 else 's'} of {count or 'no'} package{'' if count == 1 else 's'}"
    if "totals" in cost.output:
        return "swept: {subjects} looked at, {drifting} not as the rules say".format_map(cost.output["totals"])
    if "WaitForTurn" in cost.states:
        return "imported the model" if cost.output.get("model") else "imported nothing"
    if "Shown" in cost.states:
        return "showed its plan"
    if cost.targets:
        kinds = dict.fromkeys(kind for kind, _ in cost.targets)
        return "; ".join(
            f"{_DONE[kind]} {', '.join(on for each, on in cost.targets if each == kind)}" for kind in kinds
        )
    if cost.changes:
        counted = Counter(_DONE[kind] for kind in cost.changes)
        return ", ".join(word if times == 1 else f"{times}x {word}" for word, times in counted.items())
    if "Mark" in cost.states:
        return "left it to the run at work"
    return "notified the approvers" if "Notify" in cost.states else "nothing to do"


def _runs(costs: Sequence[Cost]) -> list[str]:
    if len(costs) <= _SINGLY:
        return [f"run {cost.execution.name[-8:]}  {_numbers(cost)}  {outcome_of(cost)}" for cost in costs]
    kinds = Counter((outcome_of(cost), _numbers(cost)) for cost in costs)
    return [
        f"{times:>3} run{'s' if times > 1 else ' '}      {numbers}  {what}" for (what, numbers), times in kinds.items()
    ]


def _numbers(cost: Cost) -> str:
    polls = f" + {cost.settle_polls} poll{'s' if cost.settle_polls > 1 else ' '}" if cost.settle_polls else " " * 10
    return f"{cost.transitions:>2} states  {cost.calls:>2} calls{polls}"
