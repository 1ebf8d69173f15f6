"""A member account, looked into with a profile of it: the roles that Stagegate's functions take there."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of
from stagegate_cli.connection import Connection, calling
from stagegate_cli.doctor.check import Examined, Visit

ALWAYS = ("observe", "share", "forward")
SOMETIMES = ("fence", "boundary", "canvas", "policy", "import-role", "import")
"""What comes behind `PREFIX-member-`, always and with some parameters (member-template.yaml)."""


def member(visit: Visit, governance: str) -> Iterator[Examined]:
    """Look whether the roles are there that always are, and each trusts the governance account and nobody else."""
    mend = f"deploy the member stack there: make members ACCOUNT={governance}"
    missing, trusting = [], []
    for name in (*ALWAYS, *SOMETIMES):
        role = f"{visit.connection.prefix}-member-{name}"
        document = _trust(visit.connection, role)
        if document is None:
            missing += [role] if name in ALWAYS else []
        elif problem := trusts_wrong(document, governance):
            trusting.append(f"{role}: {problem}")
    yield visit.judged(
        "member roles", f"not there: {', '.join(missing)}" if missing else "", fine="all there", mend=mend
    )
    yield visit.judged("member roles' trust", "; ".join(trusting), fine="the governance account alone", mend=mend)


def trusts_wrong(document: dict[str, Any], governance: str) -> str:
    """Return what is wrong with a role's trust, "" for nothing."""
    principals: list[str] = []
    for statement in document.get("Statement", ()):
        for kind, named in dict(statement.get("Principal", {})).items() if statement.get("Effect") == "Allow" else ():
            listed = [named] if isinstance(named, str) else list(named)
            principals += [each for each in listed if kind != "Service"]
    others = [each for each in principals if f":{governance}:" not in each and each != governance]
    services = all("Service" in statement.get("Principal", {}) for statement in document.get("Statement", ()))
    if others:
        return f"trusts {', '.join(sorted(set(others)))}"
    return "" if principals or services else f"doesn't trust {governance}"


def _trust(connection: Connection, role: str) -> dict[str, Any] | None:
    try:
        with calling(f"read the role {role}"):
            found = connection.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    except Exception as error:
        if isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == "NoSuchEntity":
            return None
        raise
    return json.loads(found) if isinstance(found, str) else dict(found)
