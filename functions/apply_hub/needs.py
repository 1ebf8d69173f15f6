"""What the role of this function may do."""

from stagegate.surfaces.hub_contents import apply

PERMISSIONS = apply.PERMISSIONS
