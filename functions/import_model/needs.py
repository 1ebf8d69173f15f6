"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.runs.import_model import bytes as import_bytes
from stagegate.runs.import_model import check, end, importer, job, request

_STEPS = (check, end, import_bytes, job, request)

PERMISSIONS = importer.PERMISSIONS.union(*(step.PERMISSIONS for step in _STEPS))
MEMBER_PERMISSIONS = {
    "import": frozenset[str]().union(*(step.MEMBER_PERMISSIONS for step in _STEPS)),
    "observe": check.OWNER_PERMISSIONS | import_bytes.PERMISSIONS,
}
