"""Authorization of every call by an evaluator of our own: policies, boundaries, sessions, SCPs, resource policies, RAM.

`authorize` decides about what the embedded services hold; `evaluate` is the pure rule beneath it. Enforcement sits in
moto's request path: `enforce.install()`.
"""

from sandbox.authorization.authorize import authorize
from sandbox.authorization.evaluator.documents import Document, Kind, parse
from sandbox.authorization.evaluator.errors import AuthorizationError, InvalidPolicy, NotMapped, UnknownConditionKey
from sandbox.authorization.evaluator.evaluate import Decision, Policies, Request, evaluate

__all__ = [
    "AuthorizationError",
    "Decision",
    "Document",
    "InvalidPolicy",
    "Kind",
    "NotMapped",
    "Policies",
    "Request",
    "UnknownConditionKey",
    "authorize",
    "evaluate",
    "parse",
]
