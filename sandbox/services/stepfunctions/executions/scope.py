"""What an expression of a state can see: `$states`, the context object and the workflow's variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.services.stepfunctions.definitions.expressions import render

_UNSET = object()


@dataclass(slots=True)
class Scope:
    """The variables of the workflow, of one branch or of one iteration.

    Branches and iterations read the variables around them and assign their own; theirs end with them.
    """

    context: dict[str, Any]
    variables: dict[str, Any] = field(default_factory=dict)
    outer: Scope | None = None

    def inner(self, context: Mapping[str, Any] | None = None) -> Scope:
        """The scope of a branch or iteration, with what it adds to the context object."""
        return Scope({**self.context, **(context or {})}, {}, self)

    def visible(self) -> dict[str, Any]:
        """All variables in reach, the nearest winning."""
        return {**(self.outer.visible() if self.outer else {}), **self.variables}


@dataclass(slots=True)
class StateView:
    """One state's view: its input and, once known, its result or error."""

    scope: Scope
    input: Any
    result: Any = _UNSET
    error_output: Any = _UNSET

    def render(self, template: Any) -> Any:
        """The template's value; StateError `States.QueryEvaluationError` where an expression fails."""
        states = {"input": self.input, "context": self.scope.context}
        if self.result is not _UNSET:
            states["result"] = self.result
        if self.error_output is not _UNSET:
            states["errorOutput"] = self.error_output
        return render(template, {**self.scope.visible(), "states": states})

    def leave(self, fields: Mapping[str, Any], default: Any) -> Any:
        """Apply `Assign` and `Output` of a state, choice or catcher; both see the variables as they were before."""
        assigned = self.render(fields.get("Assign", {}))
        output = self.render(fields["Output"]) if "Output" in fields else default
        self.scope.variables.update(assigned)
        return output
