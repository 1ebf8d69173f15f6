"""What keeps a stage from writing. By itself, for the function that raises fences loads no other rule."""

from enum import StrEnum


class FenceKind(StrEnum):
    """How a stage that may only read is kept from writing (no RAM permission is read-only)."""

    SCP = "scp"
    """A service control policy on the stage's accounts: covers every role in them."""
    BOUNDARY = "boundary"
    """The permissions boundary of the stage's named roles: covers those and no others."""
