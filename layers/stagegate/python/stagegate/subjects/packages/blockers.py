"""What is in the way of opening a package, and what opens wider than the package itself."""

from collections.abc import Collection, Iterable

from stagegate.core.addresses import S3Uri, repository_of
from stagegate.core.arns import Subject
from stagegate.core.aws_artifacts import is_aws_registry
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.untrusted import word
from stagegate.rules.model import Bucket, BucketScope, Rules, Unpinned
from stagegate.subjects.packages.contents.environment import credentials
from stagegate.subjects.packages.model import Package
from stagegate.targets.customer_keys import closed_key, key_named
from stagegate.targets.target import Target, TargetType


def keys_of(rules: Rules, subject: Subject, package: Package) -> set[str]:
    """Return the customer keys that a package's data and the package itself are encrypted with."""
    keys = {entry.key for uri in package.data_uris if (entry := rules.bucket(uri.bucket)) and entry.key}
    if package.kms_key:
        keys.add(key_named(subject, package.kms_key))
    return keys


def opened(entry: Bucket, package: Package, uri: S3Uri) -> S3Uri:
    """Return what is opened for an object: itself, or the folder called as the group where the rules say so."""
    return _folder(package, uri) if entry.scope is BucketScope.GROUP else uri


def listed(entry: Bucket, package: Package, uri: S3Uri) -> S3Uri:
    """Return what can be listed for an object: what is opened, or the group's folder where the rules say so."""
    return _folder(package, uri) if entry.listing is BucketScope.GROUP else opened(entry, package, uri)


def _folder(package: Package, uri: S3Uri) -> S3Uri:
    """Return the folder on the way to an object that is called as the group, or the object where there is none."""
    folders = uri.key.split("/")[:-1]
    if package.group not in folders:
        return uri
    prefix = "/".join(folders[: folders.index(package.group) + 1])
    return S3Uri(bucket=uri.bucket, key=f"{prefix}/", is_prefix=True)


def reach_blockers(rules: Rules, subject: Subject, package: Package, accounts: Collection[str]) -> tuple[Finding, ...]:
    """Return what of a package can't be opened, to anybody."""
    return (
        *_nothing(package),
        *_unreachable(rules, package),
        *for_others(rules, subject, package),
        *_unknown_images(rules, package, accounts),
        *(blocked("Unpinned", _unpinned(text)) for text in package.unpinned if _blocks_unpinned(rules)),
        *_closed_keys(rules, subject, package, accounts),
    )


def remarks(rules: Rules, package: Package) -> tuple[Finding, ...]:
    """Return what approvers should know of a package, whether or not it opens."""
    named = sorted({name for container in package.containers for name in credentials(container.environment)})
    return (
        *(
            warned(
                "CredentialInEnvironment",
                f"The environment variable {word(name)} looks like a credential. Everybody who may describe the package"
                " reads it: keep it in Secrets Manager, and change it.",
            )
            for name in named
        ),
        *(warned("Unpinned", _unpinned(text)) for text in package.unpinned if not _blocks_unpinned(rules)),
    )


def _blocks_unpinned(rules: Rules) -> bool:
    return rules.packages is None or rules.packages.unpinned is Unpinned.BLOCK


def _unpinned(text: str) -> str:
    return (
        f"The package names {word(text)}, and Stagegate can't tell what lies there: after the approval it could become"
        " something else. Keep a copy in a bucket or repository of your own, and register that."
    )


def _nothing(package: Package) -> list[Finding]:
    if package.has_something_to_deploy:
        return []
    beside = ", ".join(uri.shown for uri in package.data_uris)
    only = f" Its SourceUri, {beside}, says where it came from, and SageMaker deploys none of that." if beside else ""
    return [
        blocked(
            "NothingToDeploy",
            f"The package has no container with an image or data: there is nothing to open.{only} Register it with an"
            " InferenceSpecification.",
        )
    ]


def _unknown_images(rules: Rules, package: Package, accounts: Collection[str]) -> list[Finding]:
    """Return the images by tag in registries of nobody here: what a tag stands for there, nobody here can see."""
    named = rules.packages.image_accounts if rules.packages else ()
    known = {*accounts, *named}
    by_tag = sorted({uri for container in package.containers for uri in container.images_by_tag})
    return [
        blocked(
            "ImageUnknown",
            f"The package has the image {word(uri)} by its tag, in a registry that is neither AWS's nor of an account"
            " that Stagegate sees: the tag could become another image after the approval. Register it by its digest"
            " (@sha256:...), copy it into a repository of your own, or name its account in packages.image_accounts.",
        )
        for uri in by_tag
        if (repository := repository_of(uri)) is None
        or not (repository.account in known or is_aws_registry(repository.account))
    ]


def widened(rules: Rules, package: Package, targets: Iterable[Target]) -> tuple[Finding, ...]:
    """Return what opens more than the package itself, because there is no narrower way or the rules declare it."""
    on = list(targets)
    repositories = sorted({t.name for t in on if t.type is TargetType.REPOSITORY_POLICY})
    groups = sorted({t.name for t in on if t.type is TargetType.GROUP_POLICY})
    buckets = {t.name for t in on if t.type is TargetType.BUCKET_POLICY}
    entries = [(entry, u) for u in package.data_uris if u.bucket in buckets and (entry := rules.bucket(u.bucket))]
    folders = {str(wide) for entry, uri in entries if (wide := opened(entry, package, uri)) != uri}
    shown = {str(wide) for entry, uri in entries if (wide := listed(entry, package, uri)) != uri} - folders
    loose = sorted({str(u) for c in package.containers for u in c.data_uris if u.is_prefix and not u.key.endswith("/")})
    return (
        *(
            warned(
                "PrefixWithoutSlash",
                f"The package has the prefix {word(uri)} without its last /. What opens is the object of that key and"
                f" what lies below {word(f'{uri}/')}, and none of its neighbours. SageMaker asks for prefixes that end"
                " in /: register one if it can't be deployed.",
            )
            for uri in loose
        ),
        *(
            warned("WholeGroupListed", f"ListModelPackages lists every version of {name}, with its status and no more.")
            for name in groups
        ),
        *(
            warned("WholeRepository", f"A repository policy opens every image of {name}, not this package's alone.")
            for name in repositories
        ),
        *(
            warned(
                "WholeGroup",
                f'Everything below {word(folder)} opens (scope = "group"), not this package\'s data alone.',
            )
            for folder in sorted(folders)
        ),
        *(
            warned(
                "WholeFolderListed",
                f'Everything below {word(folder)} can be listed (listing = "group"): names, sizes and times of the'
                " group's other versions, and nothing of what is in them.",
            )
            for folder in sorted(shown)
        ),
    )


def _unreachable(rules: Rules, package: Package) -> list[Finding]:
    """Return what nobody can be let at: data that isn't on S3, or in a bucket that the rules don't know."""
    odd = sorted({text for container in package.containers for text in container.unreadable})
    return [
        *(
            blocked("ArtifactUnreadable", f"The package has data at {word(text)}; allowed: s3://bucket/key.")
            for text in odd
        ),
        *(
            blocked(
                "BucketUnknown",
                f"The package has data at {word(uri)}, and governance.toml doesn't say whose bucket that is. Add"
                " [[buckets]]"
                f' with name = "{uri.bucket}" and its account, and the bucket to the parameters of the member stack'
                " there.",
            )
            for uri in package.data_uris
            if rules.bucket(uri.bucket) is None and not package.is_left_to_aws(uri)
        ),
    ]


def for_others(rules: Rules, subject: Subject, package: Package) -> tuple[Finding, ...]:
    """Return what of a package is for another audience than it: whoever approves for this one can't open it."""
    own_key = key_named(subject, package.kms_key) if package.kms_key else None
    repositories = {uri: found for uri in package.images if (found := repository_of(uri))}
    theirs = (
        {
            (f"data at {word(uri)}", entry.audience)
            for uri in package.data_uris
            if (entry := rules.bucket(uri.bucket)) and _is_for_others(rules, entry)
        }
        | {
            (f"the key {word(own_key)}", entry.audience)
            for entry in rules.buckets
            if own_key and entry.key == own_key and _is_for_others(rules, entry)
        }
        | {
            (f"the image {word(uri)}", owned.audience)
            for uri, found in repositories.items()
            if (owned := rules.repository(found.account, found.name)) and owned.audience != rules.audience
        }
    )
    return tuple(
        blocked(
            "ArtifactForOthers",
            f"The package has {what}, which by governance.toml is for the audience {audience}, and the package isn't:"
            " another team's approvers would open it. Copy it to where the package's own audience keeps its artifacts,"
            " and register that.",
        )
        for what, audience in sorted(theirs, key=str)
    )


def _is_for_others(rules: Rules, entry: Bucket) -> bool:
    return entry.audience is not None and entry.audience != rules.audience


def _closed_keys(rules: Rules, subject: Subject, package: Package, accounts: Collection[str]) -> list[Finding]:
    """Return the keys that can't be opened."""
    keys = sorted(keys_of(rules, subject, package))
    return [closed for key in keys if (closed := closed_key(subject, key, accounts, what="package"))]
