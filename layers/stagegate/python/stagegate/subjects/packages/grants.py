"""What a stage needs to deploy a model package, on each surface: the package, its data, their keys, its images."""

from collections.abc import Collection, Iterable

from stagegate.approvals.entitlement import Entitlement
from stagegate.core.addresses import S3Uri, repository_of
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import Condition, Statement, exactly, statement_for
from stagegate.rules.model import PrincipalScope, Rules, Stage
from stagegate.rules.names import role_arns, with_roles
from stagegate.subjects.packages.blockers import keys_of, listed, opened, reach_blockers, widened
from stagegate.subjects.packages.model import Package
from stagegate.targets.actions import DESCRIBE_GROUP, LIST_VERSIONS, PULL, USE_VERSION
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.customer_keys import key_target
from stagegate.targets.target import Target, TargetType


def desired_grants(
    rules: Rules,
    subject: Subject,
    package: Package,
    entitlements: Iterable[Entitlement],
    accounts: Collection[str],
    absent: Collection[str] = (),
) -> tuple[tuple[DesiredGrant, ...], tuple[Finding, ...]]:
    """Return what the entitled stages are to have to deploy it, and what is in the way or should be known.

    `accounts` are those whose resources can be opened: the governance account and the members. A package of which
    something can't be opened opens nowhere: without its data or its key it could not be deployed. What AWS offers to
    everybody is left to it, as are images of accounts that the rules name; no account needs a grant on what is its own.
    `absent` are the ARNs of roles that aren't there: nothing opens for them, and all the rest for the others.
    """
    entitled = [entitlement.stage for entitlement in entitlements]
    if not entitled:
        return (), ()
    if findings := reach_blockers(rules, subject, package, accounts):
        return (), findings
    partition = subject.partition
    stages = [with_roles(rules.stage(name), absent, partition) for name in deploying(rules, package, entitled)]
    desired = [
        desired_grant
        for stage in stages
        for desired_grant in (
            _on_group(rules, subject, package, stage),
            *_on_buckets(rules, subject, package, stage),
            *_on_keys(rules, subject, package, stage),
            *_on_repositories(rules, subject, package, stage, accounts),
        )
        if desired_grant.statements or desired_grant.uses
    ]
    return tuple(desired), widened(rules, package, (desired_grant.target for desired_grant in desired))


def deploying(rules: Rules, package: Package, stages: Iterable[str]) -> tuple[str, ...]:
    """Return which of these stages deploy the package, and don't only import it."""
    opens = rules.packages.status[package.status].opens if rules.packages else ()
    imports = rules.importing(package.group, package.status)
    return tuple(name for name in stages if name in opens or name not in imports)


def roles_named(rules: Rules, stages: Iterable[str], partition: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the ARNs of the roles to whom packages open, for each of these stages; none where accounts are meant."""
    if rules.packages is None or rules.packages.principals is PrincipalScope.ACCOUNT:
        return ()
    return tuple((name, with_roles(rules.stage(name), (), partition).roles) for name in stages)


def _statements(
    rules: Rules,
    stage: Stage,
    target: Target,
    actions: Iterable[str],
    resources: Iterable[str] | None,
    conditions: Iterable[Condition] = (),
) -> tuple[Statement, ...]:
    listed, requested = (None if resources is None else tuple(resources)), tuple(conditions)
    return tuple(
        statement_for(
            account,
            roles,
            partition=target.partition,
            actions=actions,
            resources=listed,
            conditions=requested,
        )
        for account in stage.accounts
        if account != target.account and (roles := _roles(rules, stage, account, target.partition)) != ()
    )


def _roles(rules: Rules, stage: Stage, account: str, partition: str) -> tuple[str, ...] | None:
    """Return the ARNs of the stage's roles in an account, or None where all of the account is meant."""
    if rules.packages is None or rules.packages.principals is PrincipalScope.ACCOUNT:
        return None
    return role_arns(stage.roles, account, partition)


def _grantees(rules: Rules, stage: Stage, account: str, partition: str) -> tuple[str, ...]:
    roles = _roles(rules, stage, account, partition)
    return (f"arn:{partition}:iam::{account}:root",) if roles is None else roles


def _on_group(rules: Rules, subject: Subject, package: Package, stage: Stage) -> DesiredGrant:
    """ListModelPackages lists all versions of the group, with their status and nothing of what is in them: AWS's own
    policies give it on the group and on `<group>/*` ("Cross-account discoverability", SageMaker developer guide), and
    no exact version covers that call. UpdateModelPackage would let the stage approve.
    """
    target = _target(TargetType.GROUP_POLICY, subject, subject.account, package.group)
    home = f"arn:{subject.partition}:sagemaker:{subject.region}:{subject.account}"
    name = subject.name.partition("/")[0]
    group, versions = package.group_arn or f"{home}:model-package-group/{name}", f"{home}:model-package/{name}/*"
    return DesiredGrant(
        stage=stage.name,
        target=target,
        statements=(
            *_statements(rules, stage, target, (DESCRIBE_GROUP, LIST_VERSIONS), [group]),
            *_statements(rules, stage, target, (LIST_VERSIONS,), [versions]),
            *_statements(rules, stage, target, USE_VERSION, [subject.arn]),
        ),
    )


def _on_buckets(rules: Rules, subject: Subject, package: Package, stage: Stage) -> Iterable[DesiredGrant]:
    for name in sorted({uri.bucket for uri in package.data_uris}):
        entry = rules.bucket(name)
        if entry is None:  # AWS's own, which is open to everybody
            continue
        target = _target(TargetType.BUCKET_POLICY, subject, entry.account, name)
        bucket = f"arn:{subject.partition}:s3:::{name}"
        statements = list(_statements(rules, stage, target, ["s3:GetBucketLocation"], [bucket]))
        for uri in (uri for uri in package.data_uris if uri.bucket == name):
            for part in opened(entry, package, uri).parts:
                statements += _statements(rules, stage, target, ["s3:GetObject"], [f"{bucket}/{_key(part)}"])
            # Of a prefix without its slash the folder alone: a list of keys that start like it names its neighbours.
            part = listed(entry, package, uri).parts[-1]
            # In a StringLike what `exactly` writes for a `*` is one beyond doubt; of StringEquals readers differ.
            operator = "StringEquals" if _key(part) == part.key and not part.is_prefix else "StringLike"
            below = Condition(operator=operator, key="s3:prefix", values=frozenset([_key(part)]))
            statements += _statements(rules, stage, target, ["s3:ListBucket"], [bucket], [below])
        yield DesiredGrant(stage=stage.name, target=target, statements=tuple(dict.fromkeys(statements)))


def _key(part: S3Uri) -> str:
    """Return the key of an object or the start of a folder's, as a policy takes it to the letter."""
    return f"{exactly(part.key)}*" if part.is_prefix else exactly(part.key)


def _on_keys(rules: Rules, subject: Subject, package: Package, stage: Stage) -> Iterable[DesiredGrant]:
    for arn in sorted(keys_of(rules, subject, package)):
        target = key_target(subject, arn)
        if target is None:
            continue
        uses = [
            KeyUse(grantee=grantee)
            for account in stage.accounts
            if account != target.account
            for grantee in _grantees(rules, stage, account, subject.partition)
        ]
        yield DesiredGrant(stage=stage.name, target=target, uses=tuple(sorted(uses)))


def _on_repositories(
    rules: Rules, subject: Subject, package: Package, stage: Stage, accounts: Collection[str]
) -> Iterable[DesiredGrant]:
    found = {repository_of(image) for image in package.images} - {None}
    for repository in sorted((r for r in found if r), key=lambda r: (r.account, r.region, r.name)):
        if repository.account in accounts:
            target = Target(
                type=TargetType.REPOSITORY_POLICY,
                account=repository.account,
                region=repository.region,
                partition=subject.partition,
                name=repository.name,
            )
            statements = _statements(rules, stage, target, PULL, None)
            yield DesiredGrant(stage=stage.name, target=target, statements=statements)


def _target(surface: TargetType, subject: Subject, account: str, name: str) -> Target:
    return Target(type=surface, account=account, region=subject.region, partition=subject.partition, name=name)
