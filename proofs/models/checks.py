"""What is checked of the models: what has to hold, what is taken away and has to be missed, and what is too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a check is for."""

    HOLDS = "holds"
    """The model as it is."""
    CONTROL = "control"
    """Something that keeps it right is taken away: Spin has to find what goes wrong."""
    LIMIT = "limit"
    """A fault that the protocol doesn't survive, and says so: Spin finds it, too."""


@dataclass(frozen=True, slots=True)
class Check:
    """A model (`claim`, `lease`) with these definitions."""

    name: str
    model: str
    definitions: Mapping[str, int]
    kind: Kind = Kind.HOLDS


_ALONE = {"SWEEPS": 0, "LOSSES": 0, "UNTOLD": 0}

CHECKS = (
    Check("claim: each write in one transaction with the check, a person takes over at once", "claim", {"PERSON": 1}),
    Check("claim: asked for right before a write", "claim", {"ASKS": 1}),
    Check("claim: one sweep is enough", "claim", {"SWEEPS": 1}),
    Check("claim: events alone are enough while none is lost", "claim", _ALONE),
    Check("claim: events alone are enough though answers are lost", "claim", {**_ALONE, "LOSSES": 1}),
    Check("claim without the check", "claim", {"PERSON": 1, "NO_CHECK": 1}, Kind.CONTROL),
    Check("claim whose takeover doesn't wait for the function", "claim", {"ASKS": 1, "NO_WAIT": 1}, Kind.CONTROL),
    Check("claim that nobody takes over", "claim", {"NO_TAKEOVER": 1}, Kind.CONTROL),
    Check("claim that is given back whatever came in", "claim", {**_ALONE, "RELEASES_BLINDLY": 1}, Kind.CONTROL),
    Check("claim that a person takes over between asking and writing", "claim", {"PERSON": 1, "ASKS": 1}, Kind.LIMIT),
    Check("lease: a foreign statement comes", "lease", {}),
    Check("lease: a read is behind", "lease", {"STALE": 1}),
    Check("lease: another team writes the whole document by an older look", "lease", {"EDITOR": 1}),
    Check(
        "lease: two deaths, two foreign statements, a read that is behind",
        "lease",
        {"DEATHS": 2, "EDITS": 2, "STALE": 1},
    ),
    Check("no lease", "lease", {"NO_LEASE": 1}, Kind.CONTROL),
    Check("lease shorter than the function", "lease", {"SHORT_LEASE": 1}, Kind.CONTROL),
    Check("lease without reading back", "lease", {"EDITOR": 1, "NO_READ_BACK": 1}, Kind.CONTROL),
    Check("desired grants read before the lease is held", "lease", {"EARLY": 1}, Kind.CONTROL),
    Check("the whole document overwritten", "lease", {"OVERWRITES": 1}, Kind.CONTROL),
    Check("the first look believed", "lease", {"STALE": 1, "BELIEVES": 1}, Kind.CONTROL),
    Check(
        "an older document written, and the read that is to find it is behind",
        "lease",
        {"EDITOR": 1, "STALE": 1},
        Kind.LIMIT,
    ),
)
