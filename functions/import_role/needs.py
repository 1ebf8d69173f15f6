"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.surfaces.imports import apply_role

PERMISSIONS = apply_role.PERMISSIONS
MEMBER_PERMISSIONS = {"import-role": apply_role.MEMBER_PERMISSIONS}
