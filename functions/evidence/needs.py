"""What the role of this function may do."""

from stagegate.runs import evidence

PERMISSIONS = evidence.PERMISSIONS
