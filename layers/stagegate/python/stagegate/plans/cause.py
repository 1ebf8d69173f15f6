"""Why something is to close: the subject asks for it itself, or only a deployment does, by other rules or code."""

from stagegate.core.findings import Severity
from stagegate.plans.decision import DELETED
from stagegate.plans.grants import View
from stagegate.plans.plan import Plan

_OF_BYTES = frozenset(
    {
        "ArtifactArchived",
        "ArtifactMissing",
        "ArtifactOwnedElsewhere",
        "ArtifactsTooMany",
        "BytesChanged",
        "ImageMissing",
    }
)
"""Findings about what lies at a package's addresses, whatever the rules say of it."""


def asks_itself(made: Plan, *, by: str, is_unfinished: bool, has_approvals: bool) -> bool:
    """Tell whether a subject asks itself for what its plan closes, so that no deployment has to be let go on for it.

    It does where it is deleted; where its bytes are others than the approved ones; where its status, version, content
    or approvals aren't those on record, for a kind that `has_approvals`: an event would have closed it; where a run
    before didn't end well (`is_unfinished`); and where the plan on record was made `by` the same code and rules, so
    that these can't be why. In doubt it does: who should be out isn't kept in for a report.
    """
    if not any(change.closes for change in made.decision.changes):
        return False
    decision, view = made.decision, made.before
    of_bytes = any(each.severity is Severity.BLOCK and each.code in _OF_BYTES for each in made.record.findings)
    is_another = has_approvals and _facts_of(view) != _facts_now(made, view)
    return is_unfinished or decision.status == DELETED or of_bytes or is_another or (view.by == by != "")


def _facts_of(view: View) -> tuple[object, ...]:
    return view.status, view.version, view.content_hash, view.records


def _facts_now(made: Plan, view: View) -> tuple[object, ...]:
    """Return what the plan was made of: of the approvals nothing where 0.2.0 has recorded nothing of them."""
    record = made.record
    return record.status, record.version, record.content_hash, None if view.records is None else record.records
