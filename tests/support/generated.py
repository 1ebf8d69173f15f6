"""The documents that the product generates, and for each the requests that it is there for and those that nearly are.

Every request that must be denied differs in one thing from one that must be allowed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stagegate.core.addresses import S3Uri
from stagegate.iam.render import render
from stagegate.iam.statements import Statement
from stagegate.rules.model import Bucket, BucketScope, PrincipalScope
from stagegate.targets.actions import PULL, USE_VERSION
from stagegate.targets.compare import LIMITS
from stagegate.targets.target import TargetType
from tests.support.builders import DEV, GOVERNANCE, PROD, TEST
from tests.support.evaluators import ALLOWED, LACKING, Question
from tests.support.imports import import_rules, wants_for
from tests.support.packages import (
    BUCKET,
    CONTAINER,
    GROUP_ARN,
    OPERATOR,
    PACKAGE_ARN,
    a_package,
    package_rules,
    wanted,
)

BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
REPOSITORY_ARN = f"arn:aws:ecr:us-east-1:{DEV}:repository/team/serving"
ODD_KEY = "churn/3/a*b?${c}.tar"


@dataclass(frozen=True, kw_only=True)
class Right:
    """An action that a document must allow, and resources and contexts near it that it must not."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    near: Sequence[str] = ()
    other_contexts: Sequence[Mapping[str, str]] = ()
    other_action: str


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A document. `rights` are those of `role` on what `owner` has; `to_account`: any role of that account has them."""

    name: str
    text: str
    owner: str
    rights: tuple[Right, ...]
    role: str = OPERATOR
    to_account: bool = False


Case = tuple[str, Question, str]
"""What differs from the right request, the request, and the answer that both evaluators have to give."""


def cases(generated: Generated) -> Iterator[Case]:
    """Every request for a resource-based policy: the right ones, and for each those that differ in one thing."""
    for right in generated.rights:
        requested = Question(
            role=generated.role,
            action=right.action,
            resource=right.resource,
            account=generated.owner,
            context=right.context,
            resource_policy=generated.text,
        )
        yield "right", requested, ALLOWED
        for how, role in lookalikes(generated.role):
            yield how, replace(requested, role=role), ALLOWED if generated.to_account else LACKING
        for how, account in (("other account", TEST), ("an account that nobody knows", "888800001111")):
            yield how, replace(requested, role=generated.role.replace(PROD, account)), LACKING
        yield "other action", replace(requested, action=right.other_action), LACKING
        for resource in right.near:
            yield f"not {resource}", replace(requested, resource=resource), LACKING
        for context in right.other_contexts:
            yield f"with {context or 'no context'}", replace(requested, context=context), LACKING
        yield "own account allows nothing", replace(requested, identity=_identity("iam:GetUser")), LACKING


def lookalikes(role: str) -> Iterator[tuple[str, str]]:
    """Other roles of the same account, most of them with a name that nearly is the right one."""
    home, _, name = role.rpartition("/")
    yield "other role", f"{home}/Administrator"
    yield "longer name", f"{role}-evil"
    yield "shorter name", role[:-1]
    yield "longer name in front", f"{home}/evil-{name}"
    yield "same name below a path", f"{home}/evil/{name}"
    yield "path that starts with the name", f"{role}/evil"
    yield "other case", f"{home}/{name.swapcase()}"


def on_group(scope: PrincipalScope = PrincipalScope.ROLES) -> Generated:
    """A group's policy for one version of it."""
    versions = PACKAGE_ARN.rsplit("/", 1)[0]
    others = (f"{versions}/31", f"{versions}/4", PACKAGE_ARN.replace("churn", "churn-2"))
    groups = (f"{GROUP_ARN}-2", GROUP_ARN.replace("churn", "fraud"))
    return _generated(
        f"group for {scope}",
        TargetType.GROUP_POLICY,
        GOVERNANCE,
        scope,
        *(
            Right(action=a, resource=PACKAGE_ARN, near=others, other_action="sagemaker:UpdateModelPackage")
            for a in USE_VERSION
        ),
        *(
            Right(
                action=f"sagemaker:{a}",
                resource=GROUP_ARN,
                near=groups,
                other_action="sagemaker:PutModelPackageGroupPolicy",
            )
            for a in ("DescribeModelPackageGroup", "ListModelPackages")
        ),
    )


def on_bucket(scope: BucketScope = BucketScope.EXACT, to: PrincipalScope = PrincipalScope.ROLES) -> Generated:
    """A bucket's policy for one object, or for the folder of its group."""
    if scope is BucketScope.GROUP:
        return _folder(f"bucket for {to}, the group's folder", "churn/", scope, to)
    key = "churn/3/model.tar.gz"
    return _bucket(
        f"bucket for {to}, an object",
        S3Uri(bucket=BUCKET, key=key),
        scope,
        to,
        right=key,
        wrong=(f"{key}2", "churn/3/model.tar", f"evil/{key}", "churn/31/model.tar.gz", "churn/3/"),
    )


def on_prefix() -> Generated:
    """A bucket's policy for a prefix, of which a trailing slash is a part."""
    return _folder("bucket, a prefix", "churn/3/", BucketScope.EXACT, PrincipalScope.ROLES)


def on_loose_prefix() -> Generated:
    """A bucket's policy for a prefix without its last slash: what lies below it, and nothing that starts like it."""
    return _bucket(
        "bucket for a prefix without its slash",
        S3Uri(bucket=BUCKET, key="fraud/1", is_prefix=True),
        BucketScope.EXACT,
        PrincipalScope.ROLES,
        right="fraud/1/deep/model.tar.gz",
        wrong=("fraud/10", "fraud/10/model.tar.gz", "fraud/1.bak", "fraud/", "fraud"),
    )


def on_loose_prefix_itself() -> Generated:
    """The same policy, for the object that is called as the prefix: it may be read, and not be listed."""
    there = on_loose_prefix()
    return replace(
        there,
        name="bucket for the object at such a prefix",
        rights=(
            Right(
                action="s3:GetObject",
                resource=f"{BUCKET_ARN}/fraud/1",
                near=(f"{BUCKET_ARN}/fraud/10", f"{BUCKET_ARN}/fraud/1.bak", f"{BUCKET_ARN}/fraud"),
                other_action="s3:PutObject",
            ),
            Right(
                action="s3:ListBucket",
                resource=BUCKET_ARN,
                context={"s3:prefix": "fraud/1/"},
                other_contexts=({"s3:prefix": "fraud/1"}, {"s3:prefix": "fraud/10/"}),
                other_action="s3:ListBucketVersions",
            ),
        ),
    )


def on_odd_key() -> Generated:
    """A bucket's policy for an object in whose key stand what would be wildcards and a variable."""
    return _bucket(
        "bucket, an odd key",
        S3Uri(bucket=BUCKET, key=ODD_KEY),
        BucketScope.EXACT,
        PrincipalScope.ROLES,
        right=ODD_KEY,
        wrong=("churn/3/aXb?${c}.tar", "churn/3/a*bX${c}.tar", "churn/3/a*b?c.tar", "churn/3/a*b?.tar"),
    )


def on_repository(scope: PrincipalScope = PrincipalScope.ROLES) -> Generated:
    """A repository's policy, which has no resources: it speaks of the repository that it is on."""
    rights = (Right(action=action, resource=REPOSITORY_ARN, other_action="ecr:PutImage") for action in PULL)
    return _generated(f"repository for {scope}", TargetType.REPOSITORY_POLICY, DEV, scope, *rights)


def on_import() -> Generated:
    """A bucket's policy for the execution role of an import, which lies below a path."""
    (desired_grant,) = [
        desired_grant
        for desired_grant in wants_for(import_rules())
        if desired_grant.target.type is TargetType.BUCKET_POLICY
    ]
    (role,) = [
        desired_grant.target
        for desired_grant in wants_for(import_rules())
        if desired_grant.target.type is TargetType.IMPORT_ROLE
    ]
    folder = _folder("", "churn/3/", BucketScope.EXACT, PrincipalScope.ROLES)
    text = render(None, desired_grant.statements, LIMITS[TargetType.BUCKET_POLICY]).text
    return replace(folder, name="bucket for an import", text=text, role=role.arn)


def on_resources() -> tuple[Generated, ...]:
    """Every kind of resource-based policy that a package needs."""
    return (
        *(on_group(scope) for scope in PrincipalScope),
        *(on_bucket(scope, to) for scope in BucketScope for to in PrincipalScope),
        on_prefix(),
        on_loose_prefix(),
        on_loose_prefix_itself(),
        on_odd_key(),
        on_import(),
        *(on_repository(scope) for scope in PrincipalScope),
    )


def _folder(name: str, folder: str, scope: BucketScope, to: PrincipalScope) -> Generated:
    """A bucket's policy for everything below a folder."""
    beside = f"{folder.rstrip('/')}-2/model.tar.gz"
    is_group = scope is BucketScope.GROUP
    uri = S3Uri(bucket=BUCKET, key="churn/3/" if not is_group else "churn/3/model.tar.gz", is_prefix=not is_group)
    return _bucket(name, uri, scope, to, right=f"{folder}deep/model.tar.gz", wrong=(beside, folder.rstrip("/"), "x"))


def _bucket(
    name: str, uri: S3Uri, scope: BucketScope, to: PrincipalScope, *, right: str, wrong: tuple[str, ...]
) -> Generated:
    elsewhere = tuple(f"arn:aws:s3:::{bucket}/{right}" for bucket in (f"{BUCKET}2", f"x{BUCKET}"))
    beside = tuple(f"{BUCKET_ARN}/{key}" for key in wrong)
    buckets = (f"{BUCKET_ARN}2", f"arn:aws:s3:::x{BUCKET}")
    prefixes = ({}, *({"s3:prefix": key} for key in (*wrong, "")))
    return _generated(
        name,
        TargetType.BUCKET_POLICY,
        DEV,
        to,
        Right(
            action="s3:GetObject",
            resource=f"{BUCKET_ARN}/{right}",
            near=(*beside, *elsewhere),
            other_action="s3:PutObject",
        ),
        Right(
            action="s3:ListBucket",
            resource=BUCKET_ARN,
            context={"s3:prefix": right},
            near=buckets,
            other_contexts=prefixes,
            other_action="s3:ListBucketVersions",
        ),
        Right(action="s3:GetBucketLocation", resource=BUCKET_ARN, near=buckets, other_action="s3:GetBucketPolicy"),
        data=uri,
        scope=scope,
    )


def _generated(
    name: str,
    surface: TargetType,
    owner: str,
    to: PrincipalScope,
    *rights: Right,
    data: S3Uri | None = None,
    scope: BucketScope = BucketScope.EXACT,
) -> Generated:
    container = CONTAINER if data is None else replace(CONTAINER, data_uris=(data,))
    rules = package_rules(principals=to, buckets=[Bucket(name="model-artifacts-*", account=DEV, scope=scope)])
    statements: list[Statement] = [
        statement
        for desired_grant in wanted(rules, replace(a_package(), containers=(container,)), "prod")
        if desired_grant.target.type is surface
        for statement in desired_grant.statements
    ]
    text = render(None, statements, LIMITS[surface]).text
    return Generated(name=name, text=text, owner=owner, rights=rights, to_account=to is PrincipalScope.ACCOUNT)


def _identity(*actions: str) -> str:
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":['
        + ",".join(f'"{action}"' for action in actions)
        + '],"Resource":"*"}]}'
    )
