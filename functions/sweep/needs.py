"""What the role of this function may do."""

from stagegate.runs.sweep import steps
from stagegate.subjects.registry import SUBJECTS

_LISTING = filter(None, (kind.listing() for kind in SUBJECTS.values()))

PERMISSIONS = steps.PERMISSIONS.union(*(each.PERMISSIONS for each in _LISTING))
