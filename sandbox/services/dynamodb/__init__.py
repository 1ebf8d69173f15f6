"""DynamoDB, as moto brings it, with writes one after the other, and faster."""

from sandbox.services.dynamodb import speed, writes


def install() -> None:
    """Put both in place, in this process. Calling it again changes nothing."""
    speed.install()
    writes.install()


__all__ = ["install"]
