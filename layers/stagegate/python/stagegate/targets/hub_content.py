"""One package that is to be in a private hub: as which model, what it says, and for whom."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from stagegate.core.untrusted import word

SCHEMA_VERSION = "2.3.0"
"""Of the document: `HubModelDocument.SCHEMA_VERSION` of the SageMaker Python SDK."""
MARK = "stagegate:model-package"
"""A search keyword of ours. Lists have it, which have neither documents nor tags: a content without it is somebody
else's.
"""
PACKAGE = "HostingModelPackageArn"
"""The member of the document that says which package a content is. Nobody can change a document (UpdateHubContent)."""

_PART = 10_000
"""HubContentVersion takes four digits a part; a package's version has nine at most."""
_VERSION = re.compile(r"([1-9]\d{0,3})\.(\d{1,4})\.(\d{1,4})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubContent:
    """A package as a model of the private hub called `hub`.

    `stages` are those that the hub is shared with, and `accounts` theirs: the package is open for all of them, and is
    of the `audience` that the hub is for. `group` is the package's as SageMaker writes it. `image` and `data` are the
    addresses of its one container, "" where it has several or that has more than one.
    """

    hub: str
    package: str
    group: str
    stages: tuple[str, ...]
    accounts: tuple[str, ...]
    audience: str = ""
    image: str = ""
    data: str = ""

    def __str__(self) -> str:
        """A line that a person can read."""
        return f"model {word(self.name)} {self.version} for {', '.join(self.stages)}"

    @property
    def name(self) -> str:
        """What it is called in the hub: as the group in the package's ARN."""
        return name_of(self.package)

    @property
    def version(self) -> str:
        """Its version in the hub."""
        return version_of(self.package)

    @property
    def said(self) -> str:
        """Everything that is asked for, as text: equal for equal contents."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def document(self) -> dict[str, object]:
        """What SageMaker keeps of it. The SDK deploys what has a package's ARN as that package, which the group's
        policy opens; the addresses are for readers. Environment variables stay in the package: they may be secret.
        """
        found: dict[str, object] = {
            "Url": self.package,
            "ModelTypes": ["OPEN_WEIGHTS"],
            "TrainingSupported": False,
            "IncrementalTrainingSupported": False,
            "ResourceNameBase": self.name,
            PACKAGE: self.package,
        }
        found |= {"HostingEcrUri": self.image} if self.image else {}
        found |= {"HostingArtifactUri": self.data} if self.data else {}
        return found

    def is_in(self, document: Mapping[str, object]) -> bool:
        """Tell whether a document says all this: SageMaker may have added to it."""
        return all(document.get(key) == value for key, value in self.document.items())

    def covers(self, stages: Mapping[str, Collection[str]], audience: str | None) -> bool:
        """Tell whether it was put there for all of these stages, each with its accounts, and for that audience."""
        accounts = {account for each in stages.values() for account in each}
        return self.audience == audience and stages.keys() <= {*self.stages} and accounts <= {*self.accounts}


def from_said(text: str) -> HubContent:
    """Return what `said` says. Raises ValueError for anything else."""
    found: Any = json.loads(text)
    try:
        said: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in found.items()}
        return HubContent(**said)
    except (AttributeError, TypeError) as error:
        raise ValueError(f"found {text[:200]!r}; allowed: the content of a hub") from error


def name_of(package: str) -> str:
    """Return what a package is called in hubs."""
    return package.rpartition(":model-package/")[2].partition("/")[0]


def version_of(package: str) -> str:
    """Return a package's version as SageMaker takes it of a content, in the same order: 3 is 1.0.3, and 12345 is
    1.1.2345.
    """
    number = int(package.rpartition("/")[2])
    return f"{1 + number // _PART**2}.{number // _PART % _PART}.{number % _PART}"


def package_in(hub_arn: str, name: str, version: str) -> str | None:
    """Return the ARN of the package that a content of ours is, by its name and version; None for a version of another
    form.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    first, second, third = map(int, found.groups())
    package = f"{hub_arn.rpartition(':hub/')[0]}:model-package/{name}/{(first - 1) * _PART**2 + second * _PART + third}"
    return package if version_of(package) == version else None
