"""What the role of this function may do."""

from stagegate.runs import notify

PERMISSIONS = notify.PERMISSIONS
