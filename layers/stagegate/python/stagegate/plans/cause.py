"""Why something is to close: the subject asks for it itself, or only a deployment does, by other rules or code."""

from stagegate.core.findings import Severity
from stagegate.links.recorded import is_moved
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

    It does where it is deleted; where its bytes are others than the approved ones; where its status isn't the one on
    record, or where it is open on an approval, and its version, content or records aren't those on record, for a kind
    that `has_approvals`: an event would have closed it; where a run before didn't end well (`is_unfinished`); and where
    the plan on record was made `by` the same code and rules, so that these can't be why.
    """
    if not any(change.closes for change in made.decision.changes):
        return False
    decision, view = made.decision, made.before
    of_bytes = any(each.severity is Severity.BLOCK and each.code in _OF_BYTES for each in made.record.findings)
    is_another = has_approvals and _is_another(made, view)
    return is_unfinished or decision.status == DELETED or of_bytes or is_another or (view.by == by != "")


def _is_another(made: Plan, view: View) -> bool:
    """Tell whether it isn't what is on record. A change of its content that changes nothing else is not recorded, so
    that counts only where an approval rests on it; records count where this release, and not 0.2.0, has counted them.
    """
    now = made.record
    if now.status != view.status:
        return True
    if not any(grant.approval for grant in view.grants):
        return False
    if is_moved(view.planner_state, now.planner_state):
        return True
    return (now.version, now.content_hash) != (view.version, view.content_hash) or view.records not in (
        None,
        now.records,
    )
