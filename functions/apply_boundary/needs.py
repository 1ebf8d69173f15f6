"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.surfaces.guardrails import apply

PERMISSIONS = apply.PERMISSIONS
MEMBER_PERMISSIONS = {"boundary": apply.MEMBER_PERMISSIONS, "canvas": apply.CANVAS_PERMISSIONS}
