"""Resource Access Manager, as AWS behaves."""

from sandbox.services.ram.access import allowed_actions

__all__ = ["allowed_actions"]
