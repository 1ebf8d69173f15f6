"""What `make consumer-policy` prints, and roles of the embedded organization that have it."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from sandbox.stagegate.organization import Organization
from tools.consumer_policy import main


def printed(settings: Path, stage: str, account: str) -> dict[str, Any]:
    """The policy that the tool prints for a stage, as JSON."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([stage, account, "--settings", str(settings)]) == 0
    policy: dict[str, Any] = json.loads(out.getvalue())
    return policy


def has_what_is_printed(organization: Organization, settings: Path, stage: str, role: str, name: str = "user") -> None:
    """Give a role of a stage's account what is printed for the stage, as its own policy of that name."""
    organization.admin("iam", stage).put_role_policy(
        RoleName=role,
        PolicyName=name,
        PolicyDocument=json.dumps(printed(settings, stage, organization.accounts["governance"])),
    )
