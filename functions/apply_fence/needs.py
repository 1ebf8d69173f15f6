"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.runs import apply_fence

PERMISSIONS = apply_fence.PERMISSIONS
MEMBER_PERMISSIONS = {"fence": apply_fence.MEMBER_PERMISSIONS}
