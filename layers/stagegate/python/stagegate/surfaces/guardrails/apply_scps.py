"""Apply a change of a guardrail that is a service control policy: by the function that writes fences, with its role."""

from typing import TYPE_CHECKING

from stagegate.aws import service_control_policies
from stagegate.aws.environment import Environment
from stagegate.aws.errors import translated
from stagegate.aws.service_control_policies import OwnPolicy
from stagegate.ledger import claims, targets
from stagegate.rules.names import SUBJECT, policy_name, scp_target
from stagegate.surfaces.guardrails.changes import PutScp, RemoveScp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = service_control_policies.WRITE_PERMISSIONS | targets.BEGUN_PERMISSIONS | claims.PERMISSIONS

RESOURCE_TYPE = "guardrail"
"""The tag that guardrails carry."""
_DESCRIPTION = "What the users of this account may not do. Written by Stagegate."


def apply_scp(
    organizations: "OrganizationsClient",
    dynamodb: "DynamoDBClient",
    environment: Environment,
    change: PutScp | RemoveScp,
    holder: str,
) -> None:
    """Put a guardrail on its accounts, or take it off, and return once AWS has it so.

    Each account goes on record before it is put there, so that a run that dies can't leave one behind.
    Raises ClaimLostError, NotSettledError.
    """
    name = policy_name(environment.prefix, change.guardrail)
    own = OwnPolicy(name=name, description=_DESCRIPTION, resource_type=RESOURCE_TYPE)

    def record_begun(account: str, *, begun: bool) -> None:
        subject = f"{SUBJECT}{change.guardrail}"
        targets.record_begun(dynamodb, environment.table, scp_target(account), arn=subject, begun=begun, holder=holder)

    if isinstance(change, PutScp):
        for account in change.accounts:
            record_begun(account, begun=True)
        with translated(f"write guardrail {change.guardrail}"):
            service_control_policies.put(
                organizations,
                own,
                change.document,
                policy=change.policy,
                accounts=change.accounts,
                missing=change.missing,
            )
        return
    claims.ask(dynamodb, environment.table, f"{SUBJECT}{change.guardrail}", holder, closes=False)
    with translated(f"take guardrail {change.guardrail} off accounts"):
        service_control_policies.remove(
            organizations, own, policy=change.policy, accounts=change.accounts, delete=change.delete
        )
    for account in change.accounts:
        record_begun(account, begun=False)
