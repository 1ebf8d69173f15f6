"""Step Functions: runs JSONata state machines in the right account, with the state machine's own role.

moto keeps the store and the protocol; the interpreter is the sandbox's own, because moto's evaluates JSONata by
pasting variables into the expression's text (a quote in a string breaks it), knows one account, and parses for
a second what is evaluated in a millisecond. Only what is implemented is accepted: a definition that uses anything
else is refused when the state machine is created, by the name of the field, state type or resource.
"""

from sandbox.services.stepfunctions.models import install, running

__all__ = ["install", "running"]
