"""The organization that a governance.toml describes: its accounts, and the roles that people use there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.kernel.place import PARTITION

GOVERNANCE = "111122223333"
HOSTING = "777788889999"
MANAGEMENT = "999900001111"


@dataclass(frozen=True, slots=True)
class Role:
    """A role somebody works with. `kind` says what it may do: see `people`."""

    account: str
    name: str
    kind: str
    path: str = "/"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:{PARTITION}:iam::{self.account}:role{self.path}{self.name}"


@dataclass(slots=True)
class Artifacts:
    """ARNs of one account's buckets (a name may end in `*`), keys and image repositories (or patterns of such)."""

    buckets: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Guarded:
    """ARNs of one account's roles and of its SageMaker domains and their profiles, with `*` for all."""

    roles: list[str] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Imports:
    """What one account's member stack is told of imports into Bedrock: accounts, and ARNs of keys and roles."""

    sources: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    consumers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Members:
    """Accounts by name, roles by profile name, and what else the deployment needs to know."""

    organization_id: str | None
    external_id: str | None
    accounts: dict[str, str]
    stage_accounts: list[str]
    profiles: dict[str, Role]
    roles: list[Role] = field(default_factory=list)
    fenced_roles: dict[str, list[str]] = field(default_factory=dict)
    """ARNs, by account, of the roles whose boundary is their fence."""
    artifacts: dict[str, Artifacts] = field(default_factory=dict)
    """What holds model packages' parts, by account."""
    guarded: dict[str, Guarded] = field(default_factory=dict)
    """What guardrails may be put on, by account."""
    imports: dict[str, Imports] = field(default_factory=dict)
    """Where models are imported, by account."""

    @property
    def members(self) -> list[str]:
        """Every account but the governance account's that the rules are about."""
        return list(dict.fromkeys([*self.stage_accounts, *(each for each in self.artifacts if each != GOVERNANCE)]))

    @property
    def member_accounts(self) -> list[str]:
        """Every account that gets the member stack."""
        return list(dict.fromkeys([*self.members, HOSTING]))

    def keep_guarded(self, before: Members) -> None:
        """Guard at least what was guarded before."""
        for account, old in before.guarded.items():
            new = self.guarded.setdefault(account, Guarded())
            new.roles = list(dict.fromkeys([*old.roles, *new.roles]))
            new.domains = list(dict.fromkeys([*old.domains, *new.domains]))


def read(settings: Path) -> Members:
    """What the sandbox needs of a governance.toml; everything else in it is the product's to judge."""
    document = tomllib.loads(settings.read_text())
    organization = document.get("organization", {})
    accounts = {"governance": GOVERNANCE}
    owner = Role(GOVERNANCE, "ModelOwner", "owner")
    profiles = {"governance": owner}
    roles = [owner, Role(GOVERNANCE, "Administrator", "administrator")]
    approvers = [
        Role(arn.split(":")[4], arn.rsplit("/", 1)[1], "approver")
        for entry in document.get("approvers", ())
        for arn in entry.get("principals", ())
        if ":role/" in arn
    ]
    profiles["approver"] = approvers[0] if approvers else Role(GOVERNANCE, "ModelApprover", "approver")
    others = {role.arn: role for role in approvers if role.arn != profiles["approver"].arn}
    profiles |= {f"approver-{number}": role for number, role in enumerate(others.values(), 2)}
    roles += [*approvers, profiles["approver"]]
    stage_accounts: list[str] = []
    fenced: dict[str, list[str]] = {}
    for stage in _stages(document):
        for number, account in enumerate(stage["accounts"]):
            name = stage["name"] if number == 0 else f"{stage['name']}-{number + 1}"
            accounts[name] = account
            stage_accounts.append(account)
            users = _users(account, stage.get("roles") or ["ModelUser"]) or [Role(account, "ModelUser", "user")]
            profiles[name] = users[0]
            if stage.get("fence") == "boundary":
                fenced.setdefault(account, []).extend(user.arn for user in users)
            roles += [*users, Role(account, "Administrator", "administrator")]
    artifacts = _artifacts(document)
    stores = [account for account in artifacts if account not in (*accounts.values(), HOSTING, MANAGEMENT)]
    stored = {f"artifacts-{number}" if number > 1 else "artifacts": each for number, each in enumerate(stores, 1)}
    for name, account in ({"hosting": HOSTING} | stored).items():
        profiles[name] = Role(account, "Administrator", "administrator")
        roles.append(profiles[name])
    accounts |= {"hosting": HOSTING, "management": MANAGEMENT} | stored
    unique = {role.arn: role for role in reversed(roles)}  # who is named first keeps the role
    stages = [account for account in dict.fromkeys(stage_accounts) if account != GOVERNANCE]
    return Members(
        organization.get("id"),
        organization.get("external_id"),
        accounts,
        stages,
        profiles,
        list(unique.values()),
        fenced,
        artifacts,
        _guarded(document),
        _imports(document),
    )


def _stages(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The stages with their accounts, and those of each audience, which are called `AUDIENCE-STAGE`."""
    stages = [{"accounts": [], **stage} for stage in document.get("stages", ())]
    by_name = {stage["name"]: stage for stage in stages}
    own = [
        {**by_name[entry["stage"]], **entry, "name": f"{audience['name']}-{entry['stage']}"}
        for audience in document.get("audiences", ())
        for entry in audience.get("stages", ())
        if entry.get("accounts")
    ]
    return [*stages, *own]


def _imports(document: dict[str, Any]) -> dict[str, Imports]:
    """What `[[imports]]` asks of each account of its stage; any bucket's weights may be imported."""
    accounts: dict[str, list[str]] = {}
    for stage in _stages(document):
        accounts.setdefault(stage.get("stage", stage["name"]), []).extend(stage["accounts"])
    owners = list(dict.fromkeys(bucket["account"] for bucket in document.get("buckets", ())))
    found: dict[str, Imports] = {}
    for entry in document.get("imports", ()):
        for account in accounts.get(entry["stage"], ()):
            told = found.setdefault(account, Imports(sources=owners))
            if entry.get("key", "").partition(":kms:")[2].split(":")[1:2] == [account]:
                told.keys.append(entry["key"])
            if consumer := entry.get("consumer"):
                told.consumers.append(f"arn:{PARTITION}:iam::{account}:role/{consumer}")
    return found


def _users(account: str, named: list[str]) -> list[Role]:
    """The roles of a stage in one of its accounts: by name, with a path or without, or by ARN."""
    here = [role for role in named if not role.startswith("arn:") or role.split(":")[4] == account]
    found = [role.partition(":role/")[2] or role.removeprefix("/") for role in here]
    return [Role(account, role.rpartition("/")[2], "user", f"/{role}".rpartition("/")[0] + "/") for role in found]


def _artifacts(document: dict[str, Any]) -> dict[str, Artifacts]:
    """What `[[buckets]]` names. Not all images are in the file: any repository of these accounts may hold some.

    Nor is what cards and packages are encrypted with: any key of their owner may be, and any named for a bucket.
    """
    found = {GOVERNANCE: Artifacts(keys=[f"arn:{PARTITION}:kms:*:{GOVERNANCE}:key/*"])}
    for bucket in document.get("buckets", ()):
        found.setdefault(bucket["account"], Artifacts()).buckets.append(f"arn:{PARTITION}:s3:::{bucket['name']}")
        if key := bucket.get("key"):
            for account in {key.split(":")[4], GOVERNANCE}:
                keys = found.setdefault(account, Artifacts()).keys
                keys += [] if key in keys else [key]
    for entry in document.get("registrations", ()):
        for address in entry.get("repositories", ()):
            found.setdefault(address.split(".")[0], Artifacts())
    for account, artifacts in found.items():
        artifacts.repositories.append(f"arn:{PARTITION}:ecr:*:{account}:repository/*")
    return found


def _guarded(document: dict[str, Any]) -> dict[str, Guarded]:
    """What `[[guardrails]]` names. Whose roles a domain's are isn't in the file: any role of its account may be."""
    found: dict[str, Guarded] = {}
    for guardrail in document.get("guardrails", ()):
        for arn in guardrail.get("roles", ()):
            found.setdefault(arn.split(":")[4], Guarded()).roles.append(arn)
        for domain in guardrail.get("domains", ()):
            account, id_ = domain["account"], domain.get("id", "*")
            guarded = found.setdefault(account, Guarded())
            guarded.roles.append(f"arn:{PARTITION}:iam::{account}:role/*")
            if guardrail.get("direct_deployment", "observe") != "observe":
                here = f"arn:{PARTITION}:sagemaker:*:{account}"
                guarded.domains += [f"{here}:domain/{id_}", f"{here}:user-profile/{id_}/*"]
    return found
