"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.runs import plan
from stagegate.subjects.packages.hubs import plan as plan_hubs
from stagegate.subjects.packages.imports import plan as plan_imports
from stagegate.subjects.registry import SUBJECTS

_PLANNING = [kind.planning() for kind in SUBJECTS.values()]

# A package's imports and hubs are planned by what no other package loads. SageMaker decrypts a card for its reader.
PERMISSIONS = plan.PERMISSIONS.union(
    {"kms:Decrypt"}, plan_imports.PERMISSIONS, plan_hubs.PERMISSIONS, *(each.PERMISSIONS for each in _PLANNING)
)
MEMBER_PERMISSIONS = {
    "observe": plan_imports.MEMBER_PERMISSIONS.union(*(each.MEMBER_PERMISSIONS for each in _PLANNING))
}
