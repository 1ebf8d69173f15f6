"""AWS services that act with a customer's role: Lambda with a function's, Step Functions with a state machine's."""

from __future__ import annotations

from sandbox.authorization.authorize import authorize
from sandbox.kernel.identity import Principal, service, session


class RoleNotAssumableError(PermissionError):
    """The role's trust policy does not admit the service, or there is no such role."""


def may_assume(service_name: str, role_arn: str, source_account: str, source_arn: str) -> bool:
    """Whether `service_name` may take the role for `source_arn` of that account; the trust policy decides."""
    caller = service(service_name, source_account=source_account, source_arn=source_arn)
    return authorize(caller, "sts:AssumeRole", [role_arn], {}).allowed


def assume(service_name: str, role_arn: str, session_name: str) -> Principal:
    """The principal that `service_name` (`lambda.amazonaws.com`) becomes with `role_arn`; the trust policy decides."""
    account = role_arn.split(":")[4]
    decision = authorize(service(service_name, source_account=account), "sts:AssumeRole", [role_arn], {})
    if not decision.allowed:
        raise RoleNotAssumableError(f"{service_name} can't assume {role_arn}: {decision.reason}")
    return session(role_arn, session_name[:64])
