"""What the role of this function may do."""

from stagegate.subjects.registry import SUBJECTS

_VERIFYING = [kind.verifying() for kind in SUBJECTS.values() if kind.is_verified]

PERMISSIONS = frozenset[str]().union(*(each.PERMISSIONS for each in _VERIFYING))
