"""What authorization refuses to guess about: each error names the thing that isn't supported."""

from __future__ import annotations


class AuthorizationError(Exception):
    """Authorization can't be decided. It is never a silent allow or deny: the caller gets this text."""


class InvalidPolicy(AuthorizationError):
    """A policy document that AWS would not accept, or that uses what isn't supported here."""


class UnknownConditionKey(AuthorizationError):
    """A condition key that no request context of that service carries."""


class NotMapped(AuthorizationError):
    """An API operation whose IAM actions and resources nobody has written down."""
