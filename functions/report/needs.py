"""What the role of this function may do."""

from stagegate.runs import report

PERMISSIONS = report.PERMISSIONS
