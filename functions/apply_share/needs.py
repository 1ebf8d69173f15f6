"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.surfaces.shares import apply

PERMISSIONS = apply.PERMISSIONS
MEMBER_PERMISSIONS = {"share": apply.MEMBER_PERMISSIONS}
