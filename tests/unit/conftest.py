"""What unit tests start from, whatever ran in their process before."""

from tests.support.guards import unguarded

__all__ = ["unguarded"]
