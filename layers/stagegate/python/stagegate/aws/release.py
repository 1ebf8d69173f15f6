"""Which release a function is of and by which rules it works. What one function hands to another says whose it is.

A deployment changes the functions one after the other, while runs go on. So each payload that comes from a plan is
`{"by": ..., "request": ...}`, and who is of another release or has other rules refuses it before doing anything. Of the
envelope a function of 0.2.0, which knows none, finds nothing that it asks for: it fails, and drops nothing in silence.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stagegate.core.errors import PlannedByAnotherReleaseError, PlannedByOtherRulesError

_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The code and the rules of a function.

    `release` is the ARN of its version of the layer that has the code: the template gives it by the same reference as
    the layer itself, and Lambda changes both in one call ("UpdateFunctionConfiguration", API reference). `rules` is a
    digest of governance.toml, to the byte.
    """

    release: str
    rules: str

    @classmethod
    def read(cls) -> "Release":
        """Return that of this function. Raises KeyError for a variable that the template didn't set."""
        return cls.of(os.environ["STAGEGATE_RELEASE"], Path(os.environ["STAGEGATE_SETTINGS"]))

    @classmethod
    def of(cls, release: str, settings: Path) -> "Release":
        """Return that of code with the rules in a file."""
        return cls(release=release, rules=hashlib.sha256(settings.read_bytes()).hexdigest()[:_DIGITS])

    def __str__(self) -> str:
        """As plans on record say by what they were made."""
        return f"{self.release} with rules {self.rules}"

    def handed(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request in an envelope. Who asks for a plan knows no rules yet, and says None.

        Raises PlannedByAnotherReleaseError, PlannedByOtherRulesError.
        """
        by = event.get("by")
        if set(event) != {"by", "request"} or not isinstance(by, Mapping) or set(by) != {"release", "rules"}:
            raise PlannedByAnotherReleaseError(
                f"found {_named(event)}, which says no release; allowed: what {self.release} has planned"
            )
        if by["release"] != self.release:
            raise PlannedByAnotherReleaseError(f"found what {by['release']} has planned; allowed: {self.release}")
        if by["rules"] not in (None, self.rules):
            raise PlannedByOtherRulesError(f"found what rules {by['rules']} say; allowed: rules {self.rules}")
        request: dict[str, Any] = event["request"]
        return request

    def signed(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return an answer that says whose it is, as `by`."""
        return {**answer, "by": {"release": self.release, "rules": self.rules}}


here = cache(Release.read)
"""Of this function, read once: code and rules of an execution environment stay what they are."""


def handed(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request of what came from a function of this very release and these very rules. See `Release`."""
    return here().handed(event)


def signed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer of this function's that says whose it is."""
    return here().signed(answer)


def _named(event: Mapping[str, Any]) -> str:
    return ", ".join(sorted(map(str, event))) or "nothing"
