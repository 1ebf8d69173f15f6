"""What an import needs in both accounts: the role, the weights, their key; and then the model itself."""

import hashlib
import re
from collections.abc import Collection, Iterable

from stagegate.approvals.entitlement import Entitlement
from stagegate.approvals.fingerprints import Fingerprints, of_data
from stagegate.core.addresses import S3Uri
from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import word
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import Condition, Statement, exactly, statement_for
from stagegate.rules.imports import Import, Retention
from stagegate.rules.model import Rules
from stagegate.rules.names import role_arns
from stagegate.subjects.packages.blockers import for_others
from stagegate.subjects.packages.model import Package
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.execution_role import ExecutionRole, role_name
from stagegate.targets.model_import import ModelImport
from stagegate.targets.target import Target, TargetType

PERMISSION = "import"
"""What a grant of an import is called on record."""

# ImportedModelName in botocore's Bedrock model, and its length.
_MODEL_NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,63}")
_LONGEST = 63


def import_desired_grants(
    rules: Rules, subject: Subject, package: Package, entitlements: Iterable[Entitlement], prefix: str
) -> tuple[tuple[DesiredGrant, ...], tuple[Finding, ...]]:
    """Return what the entitled stages' imports need, and what is in the way. A stage with a finding imports nothing.

    `prefix` is the stack's: it starts the names of the execution roles.
    """
    desired: list[DesiredGrant] = []
    findings: list[Finding] = []
    importing = rules.importing(package.group, package.status)
    for entitlement in entitlements:
        rule = rules.import_of(entitlement.stage, package.group)
        if rule is None or entitlement.stage not in importing:
            continue
        found = tuple(_artifact_blockers(rules, subject, package, rule))
        findings += found
        if not found:
            for account in rules.stage(rule.stage).accounts:
                desired += _for_host(rules, subject, package, entitlement, rule, account, prefix)
    return tuple(desired), tuple(findings)


def source_of(package: Package) -> S3Uri | None:
    """Return the one folder that a package's weights lie in, None where it has another number of them."""
    folders = [uri for uri in package.data_uris if uri.is_prefix and uri.key.endswith("/")]
    return folders[0] if len(folders) == len(package.data_uris) == 1 else None


def model_name(rule: Import, package: Package) -> str:
    """Return what the imported model is to be called."""
    return rule.model.replace("{group}", package.group).replace("{version}", str(package.version))


def _artifact_blockers(rules: Rules, subject: Subject, package: Package, rule: Import) -> Iterable[Finding]:
    source = source_of(package)
    if source is None:
        listed = ", ".join(uri.shown for uri in package.data_uris) or "no data"
        yield blocked(
            "ImportSource",
            f"Bedrock imports one folder of weights; the package has {listed}. Register the model with one"
            " ModelDataSource whose S3DataType is S3Prefix and whose S3Uri is the folder, with its last /.",
            rule.stage,
        )
    elif rules.bucket(source.bucket) is None:
        yield blocked(
            "ImportSource",
            f"The weights at {word(source)} are in a bucket that no [[buckets]] of governance.toml names: the import's"
            " role can't be let at them. Copy them into a bucket of your own, and register that.",
            rule.stage,
        )
    yield from for_others(rules, subject, package)
    name = model_name(rule, package)
    if not _MODEL_NAME.fullmatch(name) or len(name) > _LONGEST:
        yield blocked(
            "ImportName",
            f"imports.model makes {name} of this package; allowed: at most {_LONGEST} letters and digits, with"
            " single - or _ between them.",
            rule.stage,
        )
    keys = [("imports.key", rule.key)]
    if source and (entry := rules.bucket(source.bucket)):
        keys.append((f"the key of [[buckets]] {entry.name}", entry.key))
    for which, key in keys:
        if key and key.split(":")[3] != subject.region:
            yield blocked(
                "ImportKeyRegion",
                f"{which} is {key}; allowed: a key of {subject.region}, where the weights and the model are.",
                rule.stage,
            )


def _for_host(
    rules: Rules, subject: Subject, package: Package, entitlement: Entitlement, rule: Import, account: str, prefix: str
) -> Iterable[DesiredGrant]:
    source = source_of(package)
    entry = rules.bucket(source.bucket) if source else None
    if source is None or entry is None:  # told of as ImportSource
        return
    key = rule.key if rule.key and rule.key.split(":")[4] == account else None
    role = ExecutionRole(
        account=account,
        region=subject.region,
        partition=subject.partition,
        name=role_name(prefix, subject.arn),
        source=source,
        source_account=entry.account,
        source_key=entry.key,
        model_key=key,
    )
    model = ModelImport(
        stage=rule.stage,
        group=package.group,
        version=package.version,
        account=account,
        region=subject.region,
        partition=subject.partition,
        name=model_name(rule, package),
        role_arn=role.arn,
        source=source,
        source_account=entry.account,
        source_key=entry.key,
        content=_content(package, entitlement),
        fingerprints=of_data(fingerprints) if (fingerprints := _fingerprints(entitlement)) else None,
        card=f"own card of {package.group}/{package.version}: risk {package.risk}",
        key=key,
        consumer=role_arns([rule.consumer], account, subject.partition)[0] if rule.consumer else None,
        replaces=rule.when_replaced is Retention.DELETE,
        approval=entitlement.approval_id or "",
    )

    def desired_grant(surface: TargetType, of: str, name: str, **what: object) -> DesiredGrant:
        target = Target(type=surface, account=of, region=subject.region, partition=subject.partition, name=name)
        return DesiredGrant(stage=rule.stage, target=target, permission=PERMISSION, **what)  # type: ignore[arg-type]

    yield desired_grant(TargetType.IMPORT_ROLE, account, role.name, role=role)
    if entry.key:
        yield desired_grant(TargetType.KEY_GRANTS, entry.key.split(":")[4], entry.key, uses=(KeyUse(grantee=role.arn),))
    if entry.account != account:
        yield desired_grant(TargetType.BUCKET_POLICY, entry.account, source.bucket, statements=_on_bucket(role))
    yield desired_grant(TargetType.MODEL_IMPORT, account, model.name, model=model)


def _on_bucket(role: ExecutionRole) -> tuple[Statement, ...]:
    """Exactly this role, exactly this folder: the published recipe lets a pattern of roles at the whole bucket."""
    bucket = f"arn:{role.partition}:s3:::{role.source.bucket}"
    below = f"{exactly(role.source.key)}*"

    def statement(actions: Collection[str], resource: str, *conditions: Condition) -> Statement:
        return statement_for(
            role.account,
            [role.arn],
            partition=role.partition,
            actions=actions,
            resources=[resource],
            conditions=conditions,
        )

    prefix = Condition(operator="StringLike", key="s3:prefix", values=frozenset([below]))
    return (
        statement(["s3:GetBucketLocation"], bucket),
        statement(["s3:GetObject"], f"{bucket}/{below}"),
        statement(["s3:ListBucket"], bucket, prefix),
    )


def _content(package: Package, entitlement: Entitlement) -> str:
    fingerprints = _fingerprints(entitlement)
    return hashlib.sha256(f"{package.content_hash}#{fingerprints.digest if fingerprints else ''}".encode()).hexdigest()


def _fingerprints(entitlement: Entitlement) -> Fingerprints | None:
    return entitlement.approval.fingerprints if entitlement.approval else None
