"""The command, called as people call it, on an embedded organization over its endpoint."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sandbox.kernel.place import REGION
from sandbox.stagegate import people
from sandbox.stagegate.members import Role
from stagegate_cli.app import main
from stagegate_cli.shapes import schema
from tests.support.builders import GOVERNANCE
from tests.support.fixtures import CardEnvironment

GOLDEN = Path(__file__).parent / "golden"
WRITES = os.environ.get("GOLDEN") == "write"
"""`GOLDEN=write` writes the expected outputs anew. Read them before you commit them."""
_MOVING = (
    (r"stagegate-command-[0-9a-f-]{36}", "EXECUTION"),
    (r"\d{4}-\d\d-\d\dT\d{6}-[0-9a-f]{8}", "SWEEP-ID"),
    (r"\d{4}-\d\d-\d\d(T|\s+)\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00)?", "A-TIME-IN-UTC-00"),
    (r"resource-share/[0-9a-f-]{36}", "resource-share/SHARE"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a call ended, and what it printed."""

    code: int
    out: str
    err: str

    def json(self, shape: type) -> Any:
        """What it printed, which has this shape."""
        found = json.loads(self.out)
        jsonschema.validate(found, schema(shape))
        return found


@dataclass(frozen=True, slots=True)
class Command:
    """Calls the command with the profiles of a configuration file."""

    config: Path
    monkeypatch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, profile: str | None = "governance") -> Ran:
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "STAGEGATE_PREFIX"):
            self.monkeypatch.delenv(name, raising=False)
        self.monkeypatch.setenv("AWS_CONFIG_FILE", str(self.config))
        self.monkeypatch.setenv("COLUMNS", "80")
        self.monkeypatch.setenv("NO_COLOR", "1")
        if profile:
            self.monkeypatch.setenv("AWS_PROFILE", profile)
        self.captured.readouterr()
        code = main(list(arguments))
        said = self.captured.readouterr()
        return Ran(code, said.out, said.err)


def is_golden(name: str, text: str) -> None:
    """Compare with the file of that name, without what is another each time."""
    for pattern, instead in _MOVING:
        text = re.sub(pattern, instead, text)
    path = GOLDEN / f"{name}.txt"
    if WRITES:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@contextmanager
def somebody(
    environment: CardEnvironment, config: Path, document: dict[str, Any], name: str, account: str = GOVERNANCE
) -> Iterator[str]:
    """A profile of a role of an account that has this policy alone."""
    role = Role(account=account, name=name, kind="user")
    iam = environment.admin("iam", account)
    people.create(role)
    for each in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=each)
    iam.put_role_policy(RoleName=name, PolicyName="given", PolicyDocument=json.dumps(document))
    found = people.sign_in(role, "somebody")
    before = config.read_text()
    config.write_text(
        f"{before}\n[profile {name}]\naws_access_key_id = {found.access_key_id}\n"
        f"aws_secret_access_key = {found.secret_access_key}\naws_session_token = {found.session_token}\n"
        f"region = {REGION}\nendpoint_url = {environment.organization.endpoint_url}\n"
    )
    try:
        yield name
    finally:
        config.write_text(before)
