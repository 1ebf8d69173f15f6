"""The rules that the story adds to a governance.toml: an account that hosts models, who lets them in, and which."""

from __future__ import annotations

from pathlib import Path

from sandbox.stagegate.members import HOSTING

GROUP = "mistral-support"
MODEL = f"{GROUP}-1"
"""What the rules call the model of its first version."""
STAGE = "hosting"
"""The sandbox knows the account by this name: rules for other accounts would need another organization."""
CONSUMER = "ModelConsumer"
BUCKET = "foundation-weights"


def present(settings: Path, approver: str, owner: str, key: str) -> str:
    """Return the file with a stage that hosts models, on the word of `approver` (a role's ARN). The weights are in a
    bucket of the account `owner`, encrypted with `key`.
    """
    return f"""{settings.read_text()}
[[stages]]
name = "{STAGE}"
accounts = ["{HOSTING}"]
roles = ["{CONSUMER}"]

[[approvers]]
stage = "{STAGE}"
principals = ["{approver}"]

[[buckets]]
name = "{BUCKET}"
account = "{owner}"
key = "{key}"

[[imports]]
groups = ["{GROUP}"]
stage = "{STAGE}"
consumer = "{CONSUMER}"
"""
