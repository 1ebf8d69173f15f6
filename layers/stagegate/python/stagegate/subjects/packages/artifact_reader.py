"""Looking at what a package is made of, in whichever account it lies."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Accounts, Members
from stagegate.core.addresses import Repository, repository_of
from stagegate.core.arns import Subject
from stagegate.core.errors import PermanentError
from stagegate.plans.blindness import BYTES, Unseen
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.members import accounts_of
from stagegate.subjects.packages import observe_artifacts
from stagegate.subjects.packages.artifacts import Artifacts
from stagegate.subjects.packages.model import Package
from stagegate.targets.target import Target, TargetType, title

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
        seen, unseen = self.look(subject, package, encryption=encryption)
        if unseen:
            raise unseen[0].error
        return seen

    def look(self, subject: Subject, package: Package, *, encryption: bool) -> tuple[Artifacts, tuple[Unseen, ...]]:
        """Return the same of all that can be looked at, and what can't."""
        found = Artifacts()
        unseen: list[Unseen] = []
        for target, read in self._reads(subject, package, encryption=encryption):
            try:
                found = found.and_(read())
            except PermanentError as error:
                what = f"what lies in {title(target)}"
                unseen.append(Unseen(place=f"{BYTES}{target.id}", account=target.account, what=what, error=error))
        return found, tuple(unseen)

    def _reads(
        self, subject: Subject, package: Package, *, encryption: bool
    ) -> Iterator[tuple[Target, Callable[[], Artifacts]]]:
        for name in sorted({uri.bucket for uri in package.data_uris}):
            entry = self.rules.bucket(name)
            if entry is None:  # whose it is nobody can say
                continue
            target = _target(TargetType.BUCKET_POLICY, subject, entry.account, subject.region, name)
            yield target, partial(self._bucket, target, package, encryption=encryption)
        unnamed = {uri for container in package.containers for uri in container.images_by_tag}
        for uri in sorted(unnamed):
            repository = repository_of(uri)
            if repository and self._is_ours(repository):
                yield _in_registry(subject, repository), partial(self._image, subject, repository, uri)
        for uri, digest in package.pinned_images if encryption else ():
            repository = repository_of(uri)
            if repository and self._is_ours(repository):
                yield _in_registry(subject, repository), partial(self._gone, subject, repository, uri, digest)

    def _is_ours(self, repository: Repository) -> bool:
        return repository.account in accounts_of(self.rules, self.environment.account)

    def _bucket(self, target: Target, package: Package, *, encryption: bool) -> Artifacts:
        requested = observe_artifacts.ENCRYPTION_PERMISSIONS if encryption else frozenset()
        s3 = self._client("s3", observe_artifacts.BUCKET_PERMISSIONS | requested, target)
        owner = target.account
        return Artifacts(
            data=tuple(
                observe_artifacts.data(s3, uri, owner) for uri in package.data_uris if uri.bucket == target.name
            ),
            encryption=(observe_artifacts.encryption(s3, target.name, owner),) if encryption else (),
        )

    def _image(self, subject: Subject, repository: Repository, uri: str) -> Artifacts:
        return Artifacts(images=(observe_artifacts.image(self._ecr(subject, repository), repository, uri),))

    def _gone(self, subject: Subject, repository: Repository, uri: str, digest: str) -> Artifacts:
        """Return an image of a known digest that its repository doesn't have, and nothing where it has it."""
        is_there = observe_artifacts.is_there(self._ecr(subject, repository), repository, digest)
        return Artifacts(gone=() if is_there else (uri,))

    def _ecr(self, subject: Subject, repository: Repository) -> Any:
        target = _in_registry(subject, repository)
        return self._client("ecr", observe_artifacts.REPOSITORY_PERMISSIONS, target)

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
