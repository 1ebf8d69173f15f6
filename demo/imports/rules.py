"""The rules that the story adds to a governance.toml: an account that hosts models, who lets them in, and which."""

from __future__ import annotations

import re
from pathlib import Path

from demo.judge.expectations import document_of
from sandbox.stagegate.members import HOSTING

GROUP = "mistral-support"
MODEL = f"{GROUP}-1"
"""What the rules call the model of its first version."""
STAGE = "hosting"
"""The sandbox knows the account by this name: rules for other accounts would need another organization."""
CONSUMER = "ModelConsumer"
BUCKET = "foundation-weights"
_APPROVED_CARDS = re.compile(r"(^\[cards\.status\.Approved\]\n(?:[^[\n].*\n|\n)*?opens = \[)", re.MULTILINE)
_WITH_STAGE = rf'\1{{ stage = "{STAGE}" }}, '


def present(settings: Path, approver: str, owner: str, key: str) -> str:
    """Return the file with a stage that hosts models, on the word of `approver` (a role's ARN). The weights are in a
    bucket of the account `owner`, encrypted with `key`. Where the file asks cards, approved ones open that stage.
    """
    asks_cards = document_of(settings)["packages"].get("card", "ignored") != "ignored"
    text = settings.read_text()
    return f"""{_APPROVED_CARDS.sub(_WITH_STAGE, text, count=1) if asks_cards else text}
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
