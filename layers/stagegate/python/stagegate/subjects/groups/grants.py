"""What registering versions in a group takes: the group for who registers, and what they register for who reads it."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from stagegate.core.addresses import repository_of
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import word
from stagegate.iam.key_grants import ENCRYPT, KeyUse
from stagegate.iam.statements import Condition, Statement, exactly, statement_for
from stagegate.rules.imports import Registration
from stagegate.rules.model import Bucket, Rules, Stage
from stagegate.rules.names import role_arns, with_roles
from stagegate.targets.actions import CREATE_VERSION, DESCRIBE_GROUP, PULL, pending_only
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.customer_keys import key_target
from stagegate.targets.target import Target, TargetType

READ_BUCKET = ("s3:GetBucketAcl", "s3:GetBucketLocation")
READ_OBJECTS = ("s3:GetObject", "s3:GetObjectAcl")
READ_IMAGES = (*PULL, "ecr:DescribeImages", "ecr:DescribeRepositories")


def roles_named(rules: Rules, subject: Subject, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the ARNs of the roles that register in a group for each stage, and of those that read for it."""
    return tuple(
        (registration.stage, arns)
        for registration in _named(rules, subject, name)
        for arns in (registration.roles, registration.readers)
        if arns
    )


def desired_grants(
    rules: Rules, subject: Subject, accounts: Collection[str], absent: Collection[str] = (), name: str = ""
) -> tuple[tuple[DesiredGrant, ...], tuple[Finding, ...]]:
    """Return what each stage that registers in a group is to have, with what the group's account reads for it.

    `accounts` are those whose resources can be opened: the governance account and the members. Where a key can't be
    opened, nothing of its registration is: what is registered could not be read. No account needs a grant on its own.
    `absent` are the ARNs of roles that aren't there: of a registration that is left with none, nothing opens. `name` is
    the group's, where its ARN has it in other letters.
    """
    called = name or subject.name
    desired: list[DesiredGrant] = []
    findings: list[Finding] = []
    for named in _named(rules, subject, called):
        registration = _without(named, absent)
        if registration is None:
            continue
        if closed := _closed_keys(rules, subject, registration, accounts):
            findings += closed
            continue
        desired += (
            _on_group(rules, subject, registration, called),
            *_on_buckets(rules, subject, registration),
            *_on_keys(rules, subject, registration),
            *_on_repositories(subject, registration),
        )
    return tuple(dict.fromkeys(desired)), tuple(dict.fromkeys(findings))


def _named(rules: Rules, subject: Subject, name: str) -> list[Registration]:
    """Return the registrations in a group, with all their roles by their ARNs."""
    return [
        replace(
            registration,
            roles=with_roles(_stage(rules, registration), (), subject.partition).roles,
            readers=role_arns(registration.readers, subject.account, subject.partition),
        )
        for registration in rules.registrations
        if registration.fits(name)
    ]


def _stage(rules: Rules, registration: Registration) -> Stage:
    """Return a registration's stage with the roles that register."""
    stage = rules.stage(registration.stage)
    return replace(stage, roles=registration.roles) if registration.roles else stage


def _without(registration: Registration, absent: Collection[str]) -> Registration | None:
    """Return a registration without roles that aren't there, None where nobody is left to register or to read: no
    readers at all would stand for the whole account.
    """
    roles = tuple(arn for arn in registration.roles if arn not in absent)
    readers = tuple(arn for arn in registration.readers if arn not in absent)
    if not roles or (registration.readers and not readers):
        return None
    return replace(registration, roles=roles, readers=readers)


def _on_group(rules: Rules, subject: Subject, registration: Registration, name: str) -> DesiredGrant:
    """AWS's policy names the versions, `model-package/<group>/*`, for CreateModelPackage ("Register a Model Version
    from a Different Account", SageMaker developer guide). Neither UpdateModelPackage, which would let the stage
    approve, nor lists or descriptions of what others have registered.
    """
    stage = rules.stage(registration.stage)
    target = _target(TargetType.GROUP_POLICY, subject, subject.account, name)
    # Whether the ARNs of versions have the capitals that the group's has nobody knows before there is one.
    spelled = dict.fromkeys((subject.name, subject.name.lower()))
    home = subject.arn.partition(":model-package-group/")[0]
    versions = tuple(f"{home}:model-package/{each}/*" for each in spelled)
    statements = [
        statement_for(
            account,
            roles,
            partition=subject.partition,
            actions=[action],
            resources=resources,
            conditions=conditions,
        )
        for account in stage.accounts
        if (roles := role_arns(registration.roles, account, subject.partition))
        for action, resources, conditions in (
            (DESCRIBE_GROUP, (subject.arn,), frozenset()),
            (CREATE_VERSION, versions, pending_only(rules)),
        )
    ]
    return DesiredGrant(stage=stage.name, target=target, statements=tuple(statements))


def _on_buckets(rules: Rules, subject: Subject, registration: Registration) -> Iterable[DesiredGrant]:
    folders = sorted({_folder(uri) for uri in registration.data})
    for name in sorted({name for name, _ in folders}):
        entry = _entry(rules, name)
        if entry.account == subject.account:
            continue
        bucket = f"arn:{subject.partition}:s3:::{name}"
        statements = [_read(subject, registration, READ_BUCKET, bucket)]
        for below in (f"{exactly(folder)}*" for of, folder in folders if of == name):
            listed = Condition(operator="StringLike", key="s3:prefix", values=frozenset([below]))
            statements.append(_read(subject, registration, READ_OBJECTS, f"{bucket}/{below}"))
            statements.append(_read(subject, registration, ["s3:ListBucket"], bucket, [listed] if below != "*" else []))
        target = _target(TargetType.BUCKET_POLICY, subject, entry.account, name)
        yield DesiredGrant(stage=registration.stage, target=target, statements=tuple(statements))


def _on_keys(rules: Rules, subject: Subject, registration: Registration) -> Iterable[DesiredGrant]:
    """AWS's page asks for GenerateDataKey beside Decrypt, and doesn't say what for."""
    for arn in _keys(rules, registration):
        target = key_target(subject, arn)
        if target is None or target.account == subject.account:
            continue
        grantees = _readers(subject, registration) or (f"arn:{subject.partition}:iam::{subject.account}:root",)
        uses = sorted(KeyUse(grantee=grantee, operations=ENCRYPT) for grantee in grantees)
        yield DesiredGrant(stage=registration.stage, target=target, uses=tuple(uses))


def _on_repositories(subject: Subject, registration: Registration) -> Iterable[DesiredGrant]:
    found = {repository_of(address) for address in registration.repositories} - {None}
    for repository in sorted((r for r in found if r), key=lambda r: (r.account, r.region, r.name)):
        if repository.account == subject.account:
            continue
        target = Target(
            type=TargetType.REPOSITORY_POLICY,
            account=repository.account,
            region=repository.region,
            partition=subject.partition,
            name=repository.name,
        )
        statement = _read(subject, registration, READ_IMAGES, None)
        yield DesiredGrant(stage=registration.stage, target=target, statements=(statement,))


def _read(
    subject: Subject,
    registration: Registration,
    actions: Iterable[str],
    resource: str | None,
    conditions: Iterable[Condition] = (),
) -> Statement:
    return statement_for(
        subject.account,
        _readers(subject, registration),
        partition=subject.partition,
        actions=actions,
        resources=None if resource is None else [resource],
        conditions=conditions,
    )


def _readers(subject: Subject, registration: Registration) -> tuple[str, ...] | None:
    """Return the ARNs of the roles that read, or None where all of the group's account is meant."""
    if not registration.readers:
        return None
    return role_arns(registration.readers, subject.account, subject.partition)


def _closed_keys(
    rules: Rules, subject: Subject, registration: Registration, accounts: Collection[str]
) -> list[Finding]:
    """Return the keys that can't be opened, as no stack has a role in their account."""
    return [
        blocked(
            "KeyClosed",
            f"What {registration.stage} registers is encrypted with {word(arn)}; allowed: a key of the governance"
            f" account or of a member. {registration.stage} can't register in {', '.join(registration.groups)}.",
            registration.stage,
        )
        for arn in _keys(rules, registration)
        if (target := key_target(subject, arn)) is None or target.account not in accounts
    ]


def _keys(rules: Rules, registration: Registration) -> list[str]:
    entries = (_entry(rules, _folder(uri)[0]) for uri in registration.data)
    return sorted({entry.key for entry in entries if entry.key})


def _folder(uri: str) -> tuple[str, str]:
    """Return the bucket, and what every key below the folder starts with."""
    bucket, _, folder = uri.removeprefix("s3://").partition("/")
    return bucket, folder


def _entry(rules: Rules, bucket: str) -> Bucket:
    entry = rules.bucket(bucket)
    if entry is None:  # settings refuses such a file
        raise KeyError(bucket)
    return entry


def _target(surface: TargetType, subject: Subject, account: str, name: str) -> Target:
    return Target(type=surface, account=account, region=subject.region, partition=subject.partition, name=name)
