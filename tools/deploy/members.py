"""The parameters of each member account's stack, from governance.toml. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from stagegate.core.addresses import repository_of
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.guardrails import DirectDeployment, Guardrail
from stagegate.rules.model import Rules
from stagegate.rules.names import account_of_role, role_arns
from stagegate.rules.narrowed.stages import everywhere, of_all_audiences


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """What the governance stack is: its account's id, partition and Region, its prefix, what it asks of every role, and
    the topic of its alarms.
    """

    account: str
    region: str
    partition: str = "aws"
    prefix: str = "stagegate"
    role_path: str = "/"
    permissions_boundary: str = ""
    import_role_boundary: str = ""

    @property
    def alarm_topic(self) -> str:
        """The ARN of the topic for operations, as the template names it."""
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{self.prefix}-operations"


def shared(rules: Rules, governance: Governance) -> dict[str, str]:
    """Return the parameters that every member stack takes: those of the stack set itself."""
    given = {
        "OrganizationId": rules.organization.id,
        "ExternalId": rules.organization.external_id,
        "RolePath": governance.role_path if governance.role_path != "/" else "",
        "PermissionsBoundary": governance.permissions_boundary,
        "ImportRoleBoundary": governance.import_role_boundary,
    }
    return {
        "Prefix": governance.prefix,
        "GovernanceAccountId": governance.account,
        "AlarmTopic": governance.alarm_topic,
        **{name: value for name, value in given.items() if value},
    }


def overrides(rules: Rules, governance: Governance) -> dict[str, dict[str, str]]:
    """Return what each account's stack takes besides, by account: lists of ARNs and accounts, in the rules' order.

    Images that packages may name aren't in the file, but for those of registrations: their repositories, and keys that
    only cards are encrypted with, have to be added by hand.
    """
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for account, name, value in _entries(rules, governance):
        if account != governance.account and value not in found[account][name]:
            found[account][name].append(value)
    accounts = dict.fromkeys([*(each for stage in everywhere(rules) for each in stage.accounts), *found])
    accounts.pop(governance.account, None)
    return {account: _joined(found[account]) for account in accounts}


def _joined(values: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {name: ",".join(parts) for name, parts in sorted(values.items())}


def _entries(rules: Rules, governance: Governance) -> Iterator[tuple[str, str, str]]:
    """Yield each account, parameter and part of its value."""
    for stage in everywhere(rules):
        if stage.fence is FenceKind.BOUNDARY:
            for account in stage.accounts:
                for arn in role_arns(stage.roles, account, governance.partition):
                    yield account, "FencedRoles", arn
    yield from _artifacts(rules, governance.partition)
    for guardrail in rules.guardrails:
        yield from _guarded(guardrail, governance)
    yield from _imports(rules, governance.partition)


def _artifacts(rules: Rules, partition: str) -> Iterator[tuple[str, str, str]]:
    for bucket in rules.buckets:
        yield bucket.account, "ArtifactBuckets", f"arn:{partition}:s3:::{bucket.name}"
        if bucket.key:
            yield bucket.key.split(":")[4], "ArtifactKeys", bucket.key
    for registration in rules.registrations:
        for address in registration.repositories:
            if found := repository_of(address):
                arn = f"arn:{partition}:ecr:{found.region}:{found.account}:repository/{found.name}"
                yield found.account, "ArtifactRepositories", arn


def _guarded(guardrail: Guardrail, governance: Governance) -> Iterator[tuple[str, str, str]]:
    """A domain's roles aren't in the file: any role of its account may be one."""
    for arn in guardrail.roles:
        yield account_of_role(arn), "GuardedRoles", arn
    for domain in guardrail.domains:
        if guardrail.denies:
            yield domain.account, "GuardedRoles", f"arn:{governance.partition}:iam::{domain.account}:role/*"
        if guardrail.direct_deployment is not DirectDeployment.OBSERVE:
            here = f"arn:{governance.partition}:sagemaker:{governance.region}:{domain.account}"
            yield domain.account, "GuardedDomains", f"{here}:domain/{domain.id or '*'}"
            yield domain.account, "GuardedDomains", f"{here}:user-profile/{domain.id or '*'}/*"


def _imports(rules: Rules, partition: str) -> Iterator[tuple[str, str, str]]:
    """Any bucket's weights may be imported."""
    for entry in rules.imports:
        for account in of_all_audiences(rules, entry.stage).accounts:
            for bucket in rules.buckets:
                yield account, "ImportSources", bucket.account
            if entry.key and entry.key.split(":")[4] == account:
                yield account, "ImportKeys", entry.key
            for arn in role_arns([entry.consumer] if entry.consumer else [], account, partition):
                yield account, "ImportConsumers", arn
