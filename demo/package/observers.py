"""Looking at the versions from the consumers' accounts: what each role's own calls let it do with them.

A letter for each call that succeeds, first on what all versions share, then on each version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.observers import Observer, Observers
from demo.package.expectations import Expectations, Expected
from demo.package.registry import GROUP, REPOSITORY, VERSIONS, Registry, artifact

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

SHARED = {
    "g": "describe the group",
    "l": "list its versions",
    "r": "register a version",
    "R": "register an approved version",
    "k": "decrypt with the key",
    "i": "pull the image's manifest",
}
EACH = {"p": "describe it", "a": "get its artifact", "u": "update it, so approve it"}
LEGEND = (
    "  g describe the group   l list its versions   r register one, pending   R register one as Approved",
    "  k decrypt with the key   i pull the image's manifest",
    "  and of /version 1/version 2:   p describe it   a get its artifact   u update it, so approve it",
)
_GONE = "does not exist"


@dataclass(frozen=True, slots=True)
class PackageAccess:
    """The letters of the calls that succeeded: the shared ones, and those of each version."""

    shared: str
    versions: tuple[str, ...]

    @property
    def calls(self) -> frozenset[str]:
        """The calls that succeed, each as a verb."""
        shared = {SHARED[letter] for letter in self.shared}
        each = {f"{EACH[letter]} ({at})" for at, letters in enumerate(self.versions, 1) for letter in letters}
        return frozenset(shared | each)

    @property
    def style(self) -> tuple[str, ...]:
        """How a terminal shows it. No stage may approve what it deploys, nor what it registers."""
        if "R" in self.shared or any("u" in letters for letters in self.versions):
            return ("red", "bold")
        return ("green",) if self.calls else ("dim",)

    def __str__(self) -> str:
        """Short, as the matrix shows it: `glki/pa/-`, and `-` for nothing at all."""
        return "/".join(letters or "-" for letters in (self.shared, *self.versions)) if self.calls else "-"


class PackageObservers(Observers):
    """Every role that works in an account of a stage, looking at the versions of one group."""

    def __init__(self, organization: Organization, settings: Path, registry: Registry) -> None:
        super().__init__(settings)
        self._registry = registry

        @cache
        def client(service: str, observer: Observer) -> Any:
            return organization.client(service, observer.profile, role=observer.role)

        self._client = client

    def look(self, observer: Observer) -> PackageAccess:
        """Return what the role is let do now.

        In the group's own account nobody is asked whether they could register or approve: its own policies decide that.
        """
        is_guest = observer.account != self._registry.owner
        shared = {letter for letter, call in self._shared(observer).items() if _succeeds(call)}
        if is_guest:
            shared |= {letter for letter, call in self._registrations(observer).items() if _is_let(call)}
        versions = []
        for number in VERSIONS:
            letters = "".join(letter for letter, call in self._each(observer, number).items() if _succeeds(call))
            versions.append(letters + ("u" if is_guest and _is_let(self._update(observer, number)) else ""))
        return PackageAccess("".join(letter for letter in SHARED if letter in shared), tuple(versions))

    def expected(
        self, expectations: Expectations, expected: Mapping[int, Expected], *, without_bucket: bool = False
    ) -> dict[Observer, PackageAccess]:
        """Return what every role should be let do, once the group is there. Nothing opens a version that isn't there.
        `without_bucket`: somebody has taken away what the bucket's policy gave.
        """
        return {
            observer: self._expected(observer, expectations, expected, without_bucket=without_bucket)
            for observer in self.all
        }

    def _expected(
        self, observer: Observer, expectations: Expectations, expected: Mapping[int, Expected], *, without_bucket: bool
    ) -> PackageAccess:
        """What a role's own account has, only that account's policies decide on, and these give it everything."""
        registers = (observer.account, observer.role) in expectations.registrars(GROUP)
        deploys = {
            number: expectations.may_deploy(found.stages, observer.account, observer.role)
            for number, found in expected.items()
        }
        own = {surface for surface, account in self._registry.homes.items() if account == observer.account}
        any_at_all = any(deploys.values())
        shared = {"g": "group", "l": "group", "k": "key", "i": "repository"}
        letters = {letter for letter, surface in shared.items() if any_at_all or surface in own}
        if registers and "group" not in own:
            letters |= {"g", "r"}
        versions = []
        for number in VERSIONS:
            described = deploys.get(number, False) or (number in expected and "group" in own)
            got = any_at_all if self._registry.opens_whole_group else deploys.get(number, False)
            gets = "bucket" in own or (got and not without_bucket)
            versions.append(f"{'p' if described else ''}{'a' if gets else ''}")
        return PackageAccess("".join(letter for letter in SHARED if letter in letters), tuple(versions))

    def _shared(self, observer: Observer) -> dict[str, Callable[[], object]]:
        registry = self._registry
        sagemaker, kms, ecr = (self._client(service, observer) for service in ("sagemaker", "kms", "ecr"))
        image = {"registryId": registry.holder, "repositoryName": REPOSITORY, "imageIds": [{"imageTag": "1"}]}
        return {
            "g": lambda: sagemaker.describe_model_package_group(ModelPackageGroupName=registry.group),
            "l": lambda: sagemaker.list_model_packages(ModelPackageGroupName=registry.group),
            "k": lambda: kms.decrypt(KeyId=registry.key, CiphertextBlob=registry.ciphertext),
            "i": lambda: ecr.batch_get_image(**image),
        }

    def _each(self, observer: Observer, number: int) -> dict[str, Callable[[], object]]:
        sagemaker, s3 = (self._client(service, observer) for service in ("sagemaker", "s3"))
        version = self._registry.version(number)
        return {
            "p": lambda: sagemaker.describe_model_package(ModelPackageName=version),
            "a": lambda: s3.get_object(Bucket=self._registry.bucket, Key=artifact(number)),
        }

    def _registrations(self, observer: Observer) -> dict[str, Callable[[], object]]:
        """Requests that go no further than authorization: no version of a group can be certified for a marketplace."""
        sagemaker = self._client("sagemaker", observer)
        asked = {"ModelPackageGroupName": self._registry.group, "CertifyForMarketplace": True}
        return {
            "r": lambda: sagemaker.create_model_package(**asked, ModelApprovalStatus="PendingManualApproval"),
            "R": lambda: sagemaker.create_model_package(**asked, ModelApprovalStatus="Approved"),
        }

    def _update(self, observer: Observer, number: int) -> Callable[[], object]:
        """A request that goes no further than authorization: it updates nothing."""
        sagemaker = self._client("sagemaker", observer)
        return lambda: sagemaker.update_model_package(ModelPackageArn=self._registry.version(number))


def _succeeds(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if _is_refused(error):
            return False
        raise
    return True


def _is_let(call: Callable[[], object]) -> bool:
    """Whether a request that makes no sense gets past authorization, to be refused for what it asks."""
    try:
        call()
    except ClientError as error:
        if _is_refused(error):
            return False
        if error.response["Error"]["Code"] == "ValidationException":
            return True
        raise
    raise AssertionError("SageMaker took a request that it documents to refuse")


def _is_refused(error: ClientError) -> bool:
    """Whether somebody isn't let, or what they ask for isn't there."""
    found = error.response["Error"]
    return found["Code"].startswith("AccessDenied") or _GONE in found.get("Message", "")
