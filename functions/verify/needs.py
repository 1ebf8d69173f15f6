"""What the role of this function may do."""

from stagegate.subjects.registry import SUBJECTS

_VERIFYING = filter(None, (kind.verifying() for kind in SUBJECTS.values()))

PERMISSIONS = frozenset[str]().union(*(each.PERMISSIONS for each in _VERIFYING))
