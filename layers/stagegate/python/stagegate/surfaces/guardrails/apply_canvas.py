"""Apply a change of Canvas's setting in a member account, through a member role of its own."""

from stagegate.aws.config import ONCE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members, limited_to
from stagegate.surfaces.guardrails import write_canvas
from stagegate.surfaces.guardrails.changes import SetDirectDeployment

MEMBER_PERMISSIONS = write_canvas.PERMISSIONS


def apply(environment: Environment, change: SetDirectDeployment, external_id: str | None) -> None:
    """Set the setting of one domain or profile. Raises MemberRoleError, NotSettledError, RefusedError."""
    region, domain = environment.region, change.domain
    here = f"arn:{change.partition}:sagemaker:{region}:{change.account}"
    named = f"user-profile/{domain}/{change.profile}" if change.profile else f"domain/{domain}"
    members = Members.through(environment.member_role("canvas"), f"{environment.prefix}-apply-boundary", external_id)
    policy = limited_to(MEMBER_PERMISSIONS, f"{here}:{named}")
    session = members.session(change.account, partition=change.partition, policy=policy)
    # Sent once: between two attempts somebody may have changed what is written back.
    sagemaker = session.client("sagemaker", region_name=region, config=ONCE)
    write_canvas.set_direct_deployment(sagemaker, domain, change.profile, change.status)
