"""Playing a story: an action, what consumers see of it, what it has cost.

A story is a generator of steps: it yields a step, the step is played, and the story goes on from there. A step ends
when every role in every consumer account is let do exactly what is expected of it, the organization has come to rest,
and it still is so; or when patience runs out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from demo.changes import Changes
from demo.judge.costs import Cost, cost_of
from demo.observers import Observers, Table, describe
from sandbox.kernel.clock import clock

if TYPE_CHECKING:
    from sandbox.services.sns.outbox import Message
    from sandbox.stagegate.organization import Organization

PATIENCE_S = 120.0
REST_S = 300.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was to be seen, what was seen, and whether that is it. Empty: there is nothing to say. `excerpt`
    are lines of it to show.
    """

    expected: str
    observed: str
    ok: bool = True
    excerpt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a step has left behind, once the organization is at rest."""

    costs: Sequence[Cost]
    messages: Sequence[Message]
    took_s: float


Check = Callable[[Aftermath], Finding]


@dataclass(frozen=True, slots=True)
class Step:
    """What happens, and what every observer is let do after it. `act` is the one API call (or burst of events) that the
    latency is measured from; `before` what has to be waited for first. `column` is the heading under which the final
    matrix shows what was observed.
    """

    action: str
    act: Callable[[], object]
    expected: Table
    checks: Sequence[Check] = ()
    before: Callable[[], object] | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step that was played. `access_latency_ms` is None where no access was to change."""

    story: str
    step: Step
    findings: Sequence[Finding]
    observed: Table
    access_latency_ms: float | None
    costs: Sequence[Cost]
    took_s: float

    @property
    def ok(self) -> bool:
        """Whether everything was as expected."""
        return all(finding.ok for finding in self.findings)


Story = Iterator[Step]


@dataclass(slots=True)
class Stage:
    """Where stories are played: the organization, and the eyes of its consumers."""

    organization: Organization
    observers: Observers
    patience_s: float = PATIENCE_S
    _known: Table = field(default_factory=dict)

    def play(self, name: str, story: Story, begins: Callable[[Step], None]) -> Iterator[StepResult]:
        """Play step after step, telling `begins` of each, up to the end or to the first that isn't as expected."""
        self._known = self.observers.look_around()
        for step in story:
            begins(step)
            result = self._play(name, step)
            yield result
            if not result.ok:
                return

    def _play(self, name: str, step: Step) -> StepResult:
        if step.before is not None:
            step.before()
        organization = self.organization
        calls, executions, messages = len(organization.calls), len(organization.executions()), len(organization.outbox)
        began = clock.now()
        findings: list[Finding] = []
        latency = None
        try:
            step.act()
            latency = self._wait(step, began, findings)
        except ClientError as error:
            findings.append(Finding("the call succeeds", str(error), ok=False))
        if not organization.settle(REST_S):
            findings.append(Finding("the organization comes to rest", f"still busy after {REST_S:.0f} s", ok=False))
        made = organization.calls.since(calls)
        costs = [cost_of(organization, execution, made) for execution in organization.executions()[executions:]]
        self._known = self.observers.look_around()
        expected, observed = describe(step.expected), describe(self._known)
        findings.insert(0, Finding(expected, observed, ok=self._known == dict(step.expected)))
        findings += [Finding("every run succeeds", cost.error, ok=False) for cost in costs if cost.error]
        took = clock.now() - began
        aftermath = Aftermath(costs, organization.outbox[messages:], took)
        findings += [check(aftermath) for check in step.checks]
        return StepResult(name, step, findings, self._known, latency, costs, took)

    def _wait(self, step: Step, began: float, findings: list[Finding]) -> float | None:
        """Wait until access is as expected; return the milliseconds from the action to the last change.

        What was closed (or read-only) and is to be so must not be open for a moment on the way either. When the
        organization is at rest, nothing is left that could still change access.
        """
        changing = [observer for observer in self.observers.all if step.expected[observer] != self._known[observer]]
        if not changing:
            return None
        latency = 0.0
        changes = Changes(self.organization)

        def is_over() -> bool:
            nonlocal latency
            is_last = self.organization.is_at_rest
            if not changes.are_new() and not is_last:
                return False
            for observer in list(changing):
                found, wanted = self.observers.look(observer), step.expected[observer]
                if beyond := found.calls - wanted.calls - self._known[observer].calls:
                    moment = f"{observer.stages} {observer.role} could {', '.join(sorted(beyond))} for a moment"
                    findings.append(Finding("nobody may do more meanwhile", moment, ok=False))
                    changing.remove(observer)
                elif found == wanted:
                    latency = (clock.now() - began) * 1000
                    changing.remove(observer)
            return is_last or not changing

        clock.until(is_over, self.patience_s)
        return None if changing else round(latency, 1)
