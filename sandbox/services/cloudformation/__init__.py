"""CloudFormation and SAM: the real templates become real resources, or an error that names what can't.

An engine of its own rather than moto's, which skips resource types it doesn't know and drops properties it doesn't
use while the stack still reaches CREATE_COMPLETE.
"""

from sandbox.services.cloudformation.package import transformed
from sandbox.services.cloudformation.stacks import Stack, StackError, stacks
from sandbox.services.cloudformation.template import read

__all__ = ["Stack", "StackError", "read", "stacks", "transformed"]
