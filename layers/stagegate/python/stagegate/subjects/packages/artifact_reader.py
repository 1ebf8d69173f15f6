"""Looking at what a package is made of, in whichever account it lies."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Accounts, Members
from stagegate.core.addresses import Repository, repository_of
from stagegate.core.arns import Subject
from stagegate.rules.model import Rules
from stagegate.subjects.packages import observe_artifacts
from stagegate.subjects.packages.artifacts import Artifacts, Data, Encryption, Image
from stagegate.subjects.packages.model import Package
from stagegate.targets.target import Target, TargetType

BYTES_PERMISSIONS = observe_artifacts.BUCKET_PERMISSIONS | observe_artifacts.REPOSITORY_PERMISSIONS
PERMISSIONS = BYTES_PERMISSIONS | observe_artifacts.ENCRYPTION_PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactReader:
    """What looking takes: the rules, which say whose each bucket is, and the way into the accounts."""

    rules: Rules
    environment: Environment
    members: Members

    def observe(self, subject: Subject, package: Package, *, encryption: bool) -> Artifacts:
        """Return the objects at the package's addresses, the digests of images that it names by a tag alone, and if it
        is asked for, what the buckets `encrypt` with and which images of a known digest are gone.

        One list for each address. SageMaker's word is taken for the digests that it gives, and for images of accounts
        that aren't among ours, as AWS's own. Raises MemberRoleError, RefusedError.
        """
        data: list[Data] = []
        encrypts: list[Encryption] = []
        for name in sorted({uri.bucket for uri in package.data_uris}):
            entry = self.rules.bucket(name)
            if entry is None:  # whose it is nobody can say
                continue
            target = _target(TargetType.BUCKET_POLICY, subject, entry.account, subject.region, name)
            requested = observe_artifacts.ENCRYPTION_PERMISSIONS if encryption else frozenset()
            s3 = self._client("s3", observe_artifacts.BUCKET_PERMISSIONS | requested, target)
            data += [observe_artifacts.data(s3, uri, entry.account) for uri in package.data_uris if uri.bucket == name]
            encrypts += [observe_artifacts.encryption(s3, name, entry.account)] if encryption else []
        return Artifacts(
            data=tuple(data),
            images=tuple(self._images(subject, package)),
            encryption=tuple(encrypts),
            gone=tuple(self._gone(subject, package)) if encryption else (),
        )

    def _gone(self, subject: Subject, package: Package) -> list[str]:
        """Return the images of known digests that repositories of ours don't have."""
        return [
            uri
            for uri, digest in package.pinned_images
            if (repository := repository_of(uri)) and self._is_ours(repository)
            if not observe_artifacts.is_there(self._ecr(subject, repository), repository, digest)
        ]

    def _is_ours(self, repository: Repository) -> bool:
        return repository.account in self.environment.members | {self.environment.account}

    def _ecr(self, subject: Subject, repository: Repository) -> Any:
        target = _in_registry(subject, repository)
        return self._client("ecr", observe_artifacts.REPOSITORY_PERMISSIONS, target)

    def _images(self, subject: Subject, package: Package) -> list[Image]:
        unnamed = {uri for container in package.containers for uri in container.images_by_tag}
        found: list[Image] = []
        for uri in sorted(unnamed):
            repository = repository_of(uri)
            if repository and self._is_ours(repository):
                found.append(observe_artifacts.image(self._ecr(subject, repository), repository, uri))
        return found

    def _client(self, service: str, actions: Collection[str], target: Target) -> Any:
        accounts = Accounts(own=self.environment.account, members=self.members)
        return accounts.client(
            service,
            actions,
            target.arn,
            account=target.account,
            region=target.region,
            partition=target.partition,
        )


def _in_registry(subject: Subject, repository: Repository) -> Target:
    return _target(TargetType.REPOSITORY_POLICY, subject, repository.account, repository.region, repository.name)


def _target(surface: TargetType, subject: Subject, account: str, region: str, name: str) -> Target:
    return Target(type=surface, account=account, region=region, partition=subject.partition, name=name)
