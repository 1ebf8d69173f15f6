"""Lambda: the real handlers, each invocation in a process of its own, with the function's environment and role."""

from sandbox.lambda_runtime.faults import faults
from sandbox.lambda_runtime.invocations import install, invocations
from sandbox.lambda_runtime.pool import pool

__all__ = ["faults", "install", "invocations", "pool"]
