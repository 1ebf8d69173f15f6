"""What the role of this function may do."""

from stagegate.runs import record

PERMISSIONS = record.PERMISSIONS
