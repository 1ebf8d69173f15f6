"""`.sandbox/config`: an AWS configuration file with a profile for everybody in the sandbox.

A profile holds credentials and `endpoint_url`, which the AWS CLI and the SDKs read since mid-2023; credentials in the
config file, rather than in a second file, are read by both CLI versions.
"""

from __future__ import annotations

from pathlib import Path

from sandbox.kernel.place import REGION
from sandbox.stagegate.organization import ROOT, Organization

CONFIG = ROOT / ".sandbox" / "config"
"""Where the file is unless somebody says otherwise."""


def write(organization: Organization, path: Path) -> None:
    """Write the file, readable by its owner alone; `AWS_CONFIG_FILE` points the AWS CLI at it."""
    sections = []
    for name in organization.profiles:
        credentials = organization.credentials(name)
        sections.append(
            f"[profile {name}]\n"
            f"aws_access_key_id = {credentials.access_key_id}\n"
            f"aws_secret_access_key = {credentials.secret_access_key}\n"
            f"aws_session_token = {credentials.session_token}\n"
            f"region = {REGION}\n"
            f"endpoint_url = {organization.endpoint_url}\n"
            "output = json\n"
            "cli_pager =\n"
            "retry_mode = standard\n"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("\n".join(sections))
