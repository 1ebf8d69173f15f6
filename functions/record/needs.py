"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.runs import record

PERMISSIONS = record.PERMISSIONS
