"""What the role of this function may do."""

from stagegate.ledger.survey import table
from stagegate.runs import report

PERMISSIONS = report.PERMISSIONS | table.SURVEY_PERMISSIONS
