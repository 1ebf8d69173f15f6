"""Play the stories on an embedded AWS organization: `python -m demo [--story card] [--settings PATH]`."""

from __future__ import annotations

import argparse
import io
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from demo import access_report, report
from demo.card import expectations
from demo.card.expectations import Expectations
from demo.judge.costs import recording
from demo.matrix import access_matrix, numbers
from demo.prepare import PreparedStory, Skipped
from demo.progress import Progress
from demo.stories import STORIES, WITH_OWN_RULES
from demo.story import Stage, StepResult
from demo.terminal import WIDTH, Terminal, wrapped
from sandbox.kernel.clock import jumps_by_default
from sandbox.kernel.delays import Delays, delays
from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.stacks import StackError
from sandbox.stagegate import checked_settings
from sandbox.stagegate.organization import ROOT, Organization

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
JSON = ROOT / ".sandbox" / "demo.json"
CLOUDTRAIL_S = 10.0
"""CloudTrail is late enough to come after the run that a state change has started, as it does on AWS."""
SHORT_CLOUDTRAIL_S = 0.6
"""So is this as a rule, where all that is waited for takes real time."""
FIRST_CLOUDTRAIL_S = 2.0
"""And this, for the first run takes longer than any other: it starts the functions."""


def main(arguments: list[str] | None = None) -> int:
    """Play, show, and write what was seen. Returns 0 only if every observation was the expected one."""
    given = _arguments(arguments)
    given.settings = checked_settings.located(given.settings)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a mark that the terminal doesn't have is no reason to stop
    terminal = Terminal()
    if (wrong := checked_settings.problem(given.settings)) is not None:
        print(wrong, file=sys.stderr)
        return 2
    began = time.perf_counter()
    played = _Played(terminal)
    terminal.line(terminal.style("Stagegate: a model's access follows its card", "bold"))
    try:
        _play_all(played, given)
    except _CannotStartError as error:
        print(f"the sandbox can't start: {error}", file=sys.stderr)
        return 2
    document = report.as_json(played.results, played.skipped)
    report.write(given.json, document)
    _conclude(terminal, played.results, given.json, time.perf_counter() - began, ok=document["ok"])
    if played.page:
        terminal.line("who can use what after the stories, as a page for your browser:")
        terminal.line(f"  {_shown(played.page)}")
    return 0 if document["ok"] else 1


class _CannotStartError(Exception):
    """The templates or the rules can't be deployed."""


@dataclass(slots=True)
class _Played:
    """What has been played so far, and `skipped`: why a story wasn't. `page` is where the report of who can use what
    then is, None before there is one.
    """

    terminal: Terminal
    results: list[StepResult] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    page: Path | None = None

    @property
    def is_as_expected(self) -> bool:
        """Whether there is a point in going on."""
        return all(result.ok for result in self.results)

    def skip(self, name: str, reason: str) -> None:
        """Say that a story isn't played."""
        self.skipped[name] = reason
        _announce(self.terminal, name)
        for line in wrapped(f"is not played: {reason}", WIDTH - 2):
            self.terminal.line(f"  {line}")

    def play(self, name: str, prepared: PreparedStory | Skipped, organization: Organization) -> None:
        """Play a story, if there is one."""
        if isinstance(prepared, Skipped):
            self.skip(name, prepared.reason)
            return
        _announce(self.terminal, name)
        self.results += _play(self.terminal, name, prepared, organization)
        if self.is_as_expected:
            self.terminal.line()


def _play_all(played: _Played, given: argparse.Namespace) -> None:
    """Play what is asked for: the stories of one organization, then each that has rules of its own."""
    names = [given.story] if given.story else [*STORIES, *WITH_OWN_RULES]
    shared, own = ([name for name in names if name in stories] for stories in (STORIES, WITH_OWN_RULES))
    judged = given.settings.read_bytes() == checked_settings.located(SHIPPED).read_bytes()
    if shared:
        with _started(played.terminal, given.settings) as organization:
            _show_rules(played.terminal, given.settings, expectations.read(given.settings))
            for name in shared:
                played.play(name, STORIES[name](organization, given.settings, judged=judged), organization)
                if not played.is_as_expected:
                    return
            played.page = access_report.save(organization, given.json.parent)
    for name in own:
        story = WITH_OWN_RULES[name]
        if not judged:
            played.skip(name, f"it has rules of its own, {_shown(story.settings)}")
            continue
        settings = checked_settings.located(story.settings, story.settings)
        if wrong := checked_settings.problem(settings):
            played.skip(name, "its rules can't be deployed here: " + wrong.splitlines()[0].partition(": ")[2])
            continue
        with _started(played.terminal, settings) as organization:
            played.play(name, story.prepare(organization, settings, judged=False), organization)
        if not played.is_as_expected:
            return


def _started(terminal: Terminal, settings: Path) -> Organization:
    began = time.perf_counter()
    try:
        organization = Organization.start(settings, delays=Delays(cloudtrail=_lateness()))
    except (TemplateError, StackError, OSError, ValueError) as error:
        raise _CannotStartError(str(error)) from error
    delays.cloudtrail = max(_lateness(), FIRST_CLOUDTRAIL_S)
    _introduce(terminal, time.perf_counter() - began)
    return organization


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--story", choices=[*STORIES, *WITH_OWN_RULES], help="one story; all of them unless given")
    parser.add_argument("--settings", type=Path, default=SHIPPED, help="the governance.toml to play by")
    parser.add_argument("--json", type=Path, default=JSON, help="where to write what was seen")
    return parser.parse_args(arguments)


def _play(terminal: Terminal, name: str, prepared: PreparedStory, organization: Organization) -> list[StepResult]:
    progress = Progress(terminal)
    for line in prepared.opening:
        terminal.line(line)
    results = []
    calls = len(organization.calls)
    for result in Stage(organization, prepared.observers).play(name, prepared.steps, progress.begins):
        delays.cloudtrail = _lateness()
        progress.ends(result)
        results.append(result)
    terminal.line()
    terminal.line(terminal.style(f"Who could do what with {prepared.name}, by each role's own calls", "bold"))
    for line in [*access_matrix(results, terminal), *prepared.legend]:
        terminal.line(line)
    if costs := list(numbers(results, prepared.what, recording(organization.calls.since(calls)))):
        terminal.line()
        terminal.line(terminal.style("What the runs have cost, at most", "bold"))
        for line in costs:
            terminal.line(line)
    return results


def _lateness() -> float:
    return CLOUDTRAIL_S if jumps_by_default() else SHORT_CLOUDTRAIL_S


def _announce(terminal: Terminal, name: str) -> None:
    terminal.line(terminal.style(f"Story “{name}”", "bold"))


def _introduce(terminal: Terminal, took_s: float) -> None:
    text = (
        f"An embedded AWS organization is up after {took_s:.1f} s, with the real templates, state machine and functions"
        " in it, and every call authorized. CloudTrail's events are"
        f" {_lateness():g} s late here (minutes on AWS), and RAM settles after {delays.ram_association} s."
        f"{' The clock jumps where everybody would only wait.' if jumps_by_default() else ''}"
    )
    for line in wrapped(text, WIDTH):
        terminal.line(line)
    terminal.line()


def _show_rules(terminal: Terminal, settings: Path, rules: Expectations) -> None:
    terminal.line(terminal.style(f"The rules, {_shown(settings)}", "bold"))
    for stage in rules.stages:
        terminal.line(f"  {stage.name:<15}{', '.join(stage.accounts)}  {', '.join(stage.roles)}")
    gated = {gate.stage for gate in rules.gates}
    for status, opens in rules.opens.items():
        stages = [f"{name} {'rw' if write else 'r'}{' *' if name in gated else ''}" for name, write in opens.items()]
        terminal.line(
            f"  {status:<15}{'  '.join(stages) or 'nobody'}{'  asks the approvers' if status in rules.asks else ''}"
        )
    terminal.line("  r may see the card, rw may also change it, * only on an approver's word")
    terminal.line()


def _conclude(terminal: Terminal, results: list[StepResult], path: Path, took_s: float, *, ok: bool) -> None:
    good = sum(result.ok for result in results)
    steps = f"{good} of {len(results)} steps as expected" if results else "there was nothing to play"
    verdict = f"{steps}, in {took_s:.0f} s"
    terminal.line(
        terminal.style(verdict, "green", "bold") if ok else terminal.style(f"{verdict}; stopped there", "red", "bold")
    )
    terminal.line(f"written to {_shown(path)}")


def _shown(path: Path) -> str:
    here = path.resolve()
    return str(here.relative_to(ROOT)) if here.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
