"""Lambda: the real handlers, each invocation in a process of its own, with the function's environment and role."""

from sandbox.services.lambda_ import downloads
from sandbox.services.lambda_.faults import faults
from sandbox.services.lambda_.invocations import install, invocations
from sandbox.services.lambda_.pool import pool

__all__ = ["downloads", "faults", "install", "invocations", "pool"]
