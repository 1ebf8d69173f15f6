"""The states that a run of each machine goes through, which it is held before; and what may become of it."""

from collections.abc import Iterable

from sandbox.services.stepfunctions.executions.execution import Execution

_BEGIN, _END = ("ReadInput", "Take", "Plan", "Decide"), ("IsApplied", "Verify", "Notify", "Record", "Release")
CLOSING, OPENING = (*_BEGIN, "Close", "CloseChange", *_END), (*_BEGIN, "Open", "OpenChange", *_END)
IMPORTING = (
    *("ReadInput", "WaitForTurn", "IsItsTurn", "Check", "IsInOrder", "Begin", "HasBegun", "LetItImport", "Look"),
    *("IsOver", "Invoke", "End", "Notify", "Leave", "HasFailed", "Done"),
)
SWEEPING = (
    *("ReadInput", "Look", "IsDone", "PlanEach", "Plan", "MayLookOn", "Judge", "NextToStart", "StartEach"),
    *("StartGovern", "MayStartMore", "HasFailed", "Done"),
)
NOT_VERIFIED = frozenset({"Verify"})
"""What a package's run and a guardrail's don't come to: their surfaces have looked again themselves."""
BY_NAME = {"PlannedByAnotherReleaseError"}
DIRECTIONS = {"forth": "old", "back": "new"}
"""What is deployed before, by what happens then."""


def failures(runs: Iterable[Execution]) -> dict[str | None, str | None]:
    """The errors of those that have failed, each with the cause of one."""
    return {run.error: run.cause for run in runs if run.status != "SUCCEEDED"}
