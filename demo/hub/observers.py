"""Looking at hubs from the consumers' accounts: which each role's own calls let it see, and what it can deploy."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.hub.rules import ARN, CURATED, NEWCOMER, OTHER
from demo.observers import Observer, Observers
from sandbox.kernel.place import REGION, URL_SUFFIX
from sandbox.stagegate.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

MODELS = {"c": CURATED, "n": NEWCOMER, "o": OTHER}
LETTERS = {
    "p": "look into the public hub",
    "h": "list the private hub",
    **{letter: f"deploy {name} from the private hub" for letter, name in MODELS.items()},
}
LEGEND = (
    "  p look into the public hub   h list the private hub   and deploy from the private hub:",
    f"  c {CURATED}   n {NEWCOMER}",
    f"  o {OTHER}, which no rule lets in",
)
_IMAGE = f"763104351884.dkr.ecr.{REGION}.{URL_SUFFIX}/djl-inference:0.27.0"
_PUBLIC = "SageMakerPublicHub"


@dataclass(frozen=True, slots=True)
class HubAccess:
    """The letters of the calls that succeeded."""

    letters: str

    @property
    def calls(self) -> frozenset[str]:
        """The calls that succeed, each as a verb."""
        return frozenset(LETTERS[letter] for letter in self.letters)

    @property
    def style(self) -> tuple[str, ...]:
        """How a terminal shows it. What no rule lets in is nothing to deploy."""
        return ("red", "bold") if "o" in self.letters else ("green",) if self.letters else ("dim",)

    def __str__(self) -> str:
        """Short, as the matrix shows it."""
        return self.letters or "-"


class HubObservers(Observers):
    """Every role that works in an account of a stage, looking at the public hub and at the private one."""

    def __init__(self, organization: Organization, settings: Path) -> None:
        super().__init__(settings)
        self._organization = organization
        self._artifacts: dict[str, str] = {}

        @cache
        def client(observer: Observer) -> Any:
            return organization.client("sagemaker", observer.profile, role=observer.role)

        self._client = client

    def look(self, observer: Observer) -> HubAccess:
        """Return what the role is let do now."""
        sagemaker = self._client(observer)
        found = {
            "p": _succeeds(sagemaker.list_hub_contents, HubName=_PUBLIC, HubContentType="Model", MaxResults=1),
            "h": _succeeds(sagemaker.list_hub_contents, HubName=ARN, HubContentType="ModelReference", MaxResults=1),
            **{letter: self._deploys(observer, name) for letter, name in MODELS.items()},
        }
        return HubAccess("".join(letter for letter, works in found.items() if works))

    def expected(
        self, accounts: Collection[str], *, shared: bool, denied: bool, models: Collection[str]
    ) -> dict[Observer, HubAccess]:
        """Return what every role should be let do. `accounts` are those that the rules are about: whether the hub is
        `shared` with them, and the public one `denied`; `models` are the letters of those that the hub has.
        """
        here = f"{'' if denied else 'p'}{'h' if shared else ''}"
        here += "".join(letter for letter in MODELS if shared and letter in models)
        return {observer: HubAccess(here if observer.account in accounts else "p") for observer in self.all}

    def _deploys(self, observer: Observer, name: str) -> bool:
        """Whether the role can make a model of the hub's reference. What it has made is gone again afterwards."""
        made = f"from-hub-{name}"[:63]
        source = {
            "S3Uri": self._artifacts_of(name),
            "S3DataType": "S3Prefix",
            "CompressionType": "None",
            "ModelAccessConfig": {"AcceptEula": True},
            "HubAccessConfig": {"HubContentArn": f"{ARN.replace(':hub/', ':hub-content/')}/ModelReference/{name}"},
        }
        container = {"Image": _IMAGE, "ModelDataSource": {"S3DataSource": source}}
        if not _succeeds(self._client(observer).create_model, ModelName=made, PrimaryContainer=container):
            return False
        self._organization.admin("sagemaker", observer.account).delete_model(ModelName=made)
        return True

    def _artifacts_of(self, name: str) -> str:
        """Where the artifacts of a model are; anywhere, as long as nobody has published it."""
        sagemaker = self._organization.admin("sagemaker", GOVERNANCE)
        if name not in self._artifacts and name in self._organization.public_hub.names():
            found = sagemaker.describe_hub_content(HubName=_PUBLIC, HubContentType="Model", HubContentName=name)
            self._artifacts[name] = json.loads(found["HubContentDocument"])["HostingArtifactUri"]
        return self._artifacts.get(name, f"s3://jumpstart-cache-prod-{REGION}/{name}/")


def _succeeds(call: Any, **request: Any) -> bool:
    """Whether a call succeeds, or is refused because the caller isn't let or there is no such hub or content."""
    try:
        call(**request)
    except ClientError as error:
        found = error.response["Error"]
        missing = found["Code"] == "ResourceNotFound" or "does not exist or is not available" in found["Message"]
        if found["Code"].startswith("AccessDenied") or missing:
            return False
        raise
    return True
