"""Deploying Stagegate into the embedded accounts, as its README asks a platform engineer to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.kernel.place import PARTITION, REGION, home_of
from sandbox.kernel.wire.transport import client
from sandbox.services import cloudformation
from sandbox.services.cloudformation.template import parameters
from sandbox.stagegate import members
from sandbox.stagegate.members import Artifacts, Guarded, Imports, Members

STACK = "stagegate"
MEMBER_STACK = "stagegate-member"
MANAGEMENT_STACK = "stagegate-management"
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Company:
    """What a company asks of every role: a path, a boundary by its name and path, and tags.

    `import_boundary` is the boundary of the roles that imports read weights with; "" for the member stack's own.
    `left` are the accounts that have left its organization; `tells_of_moves` is whether its management account has the
    template that tells of accounts which are moved, come or go.
    """

    role_path: str = "/"
    boundary: str = ""
    import_boundary: str = ""
    left: tuple[str, ...] = ()
    tells_of_moves: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        """What both templates are told of it."""
        return {
            "RolePath": self.role_path,
            "PermissionsBoundary": self.boundary,
            "ImportRoleBoundary": self.import_boundary,
        }


def deploy(root: Path, settings: Path, found: Members, company: Company) -> dict[str, str]:
    """Create or update all stacks and the delegation; return the governance stack's outputs."""
    if found.organization_id:
        _delegate(root, found, company)
    for account in (members.GOVERNANCE, *found.member_accounts):
        _bound(root, account, company)
    governance = _template(root / "template.yaml", root, settings, found)
    values = _values(governance, found, members.GOVERNANCE, company)
    stack = cloudformation.stacks.deploy(members.GOVERNANCE, REGION, STACK, governance, values, company.tags)
    member = cloudformation.read(root / "member-template.yaml")
    for account in found.member_accounts:
        values = _values(member, found, account, company) | {"AlarmTopic": stack.outputs["OperationsTopic"]}
        cloudformation.stacks.deploy(account, REGION, MEMBER_STACK, member, values, company.tags)
    if company.tells_of_moves:
        _bound(root, members.MANAGEMENT, company)
        management = cloudformation.read(root / "management-template.yaml")
        values = _values(management, found, members.MANAGEMENT, company)
        home = home_of("organizations", PARTITION)
        cloudformation.stacks.deploy(members.MANAGEMENT, home, MANAGEMENT_STACK, management, values, company.tags)
    return stack.outputs


def _bound(root: Path, account: str, company: Company) -> None:
    """Make the company's boundaries in an account, which allow what Stagegate's example does; once is enough."""
    iam = client("iam", account)
    for boundary in filter(None, (company.boundary, company.import_boundary)):
        document = (root / "organization" / "permissions-boundary-example.json").read_text()
        path, _, name = f"/{boundary}".rpartition("/")
        try:
            iam.create_policy(PolicyName=name, Path=f"{path}/", PolicyDocument=document)
        except iam.exceptions.EntityAlreadyExistsException:
            continue


def _template(path: Path, root: Path, settings: Path, found: Members) -> dict[str, Any]:
    template = cloudformation.read(path)
    values = parameters(template, _values(template, found, members.GOVERNANCE, Company()))
    shipped = (root / "layers" / "settings" / "governance.toml").resolve()
    replaced = {shipped: settings.read_bytes()}
    return cloudformation.transformed(template, root, members.GOVERNANCE, REGION, values, replaced)


def _values(template: dict[str, Any], found: Members, account: str, company: Company) -> dict[str, str]:
    """What the organization knows of the template's parameters; the others keep their defaults."""
    artifacts = found.artifacts.get(account, Artifacts())
    guarded = found.guarded.get(account, Guarded())
    imports = found.imports.get(account, Imports())
    is_bound = bool(found.organization_id) and "OrganizationId" in template.get("Parameters", {})
    known = company.parameters | {
        "ImportSources": ",".join(imports.sources),
        "ImportKeys": ",".join(imports.keys),
        "ImportConsumers": ",".join(imports.consumers),
        "ArtifactBuckets": ",".join(artifacts.buckets),
        "ArtifactKeys": ",".join(artifacts.keys),
        "ArtifactRepositories": ",".join(artifacts.repositories),
        # The release before this one had no OrganizationId: the list bounded its stack inside an organization, too.
        "MemberAccounts": ",".join(company.left if is_bound else found.members),
        "OutsideOrganization": "false" if found.organization_id else "true",
        "OrganizationId": found.organization_id or "",
        "ExternalId": found.external_id or "",
        "GovernanceAccountId": members.GOVERNANCE,
        "GovernanceRegion": REGION,
        "ManagementAccountId": members.MANAGEMENT if company.tells_of_moves else "",
        "GuardedRoles": ",".join(guarded.roles),
        "GuardedDomains": ",".join(guarded.domains),
        "FencedRoles": ",".join(found.fenced_roles.get(account, ())),
    }
    return {name: known[name] for name in template.get("Parameters", {}) if name in known}


def _delegate(root: Path, found: Members, company: Company) -> None:
    """What the management account does first: let the governance account manage its service control policies."""
    known = {
        "Partition": PARTITION,
        "GovernanceAccountId": members.GOVERNANCE,
        "ManagementAccountId": members.MANAGEMENT,
        "OrganizationId": found.organization_id or "",
        "Prefix": STACK,
        "RolePath": company.role_path,
    }

    def value(match: re.Match[str]) -> str:
        if match.group(1) not in known:
            raise KeyError(f"organization/delegation-policy.json: no value for {match.group()}")
        return known[match.group(1)]

    text = _PLACEHOLDER.sub(value, (root / "organization" / "delegation-policy.json").read_text())
    client("organizations", members.MANAGEMENT).put_resource_policy(Content=text)
