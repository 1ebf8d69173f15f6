"""The teams that governance.toml names, and what is theirs, read without the product."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demo.judge.expectations import document_of
from sandbox.kernel.place import PARTITION, REGION
from sandbox.stagegate.members import GOVERNANCE

_HERE = f"arn:{PARTITION}:sagemaker:{REGION}:{GOVERNANCE}"


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    """One of the audiences. `stages` has the account of each of its stages, `approver` is a role of the governance
    account, `key` the ARN of what encrypts the objects of its `bucket`.
    """

    name: str
    stages: dict[str, str]
    approver: str
    bucket: str
    key: str
    hub: str

    @property
    def model(self) -> str:
        """What its card and its model package group are called."""
        return f"{self.name}-scoring"

    @property
    def card(self) -> str:
        """The ARN of its card."""
        return f"{_HERE}:model-card/{self.model}"

    @property
    def group(self) -> str:
        """The ARN of its model package group."""
        return f"{_HERE}:model-package-group/{self.model}"

    @property
    def version(self) -> str:
        """The ARN of its package."""
        return f"{_HERE}:model-package/{self.model}/1"

    @property
    def folder(self) -> str:
        """The key of the folder with its weights, with its last /."""
        return f"{self.model}/1/"

    @property
    def repository(self) -> str:
        """Its repository of images."""
        return f"serving/{self.model}"

    @property
    def hub_arn(self) -> str:
        """The ARN of its hub."""
        return f"{_HERE}:hub/{self.hub}"

    @property
    def imported(self) -> str:
        """What the rules call its model in Bedrock."""
        return f"{self.model}-1"


def read(settings: Path) -> tuple[Team, ...]:
    """Return the teams, in the file's order."""
    document = document_of(settings)
    buckets = {bucket["audience"]: bucket for bucket in document["buckets"]}
    approvers = {gate["audience"]: gate["principals"][0] for gate in document["approvers"]}
    return tuple(
        Team(
            name=name,
            stages={stage["stage"]: stage["accounts"][0] for stage in audience["stages"]},
            approver=approvers[name].rsplit("/", 1)[1],
            bucket=buckets[name]["name"],
            key=buckets[name]["key"],
            hub=next(hub["name"] for hub in document["hubs"] if hub["name"].startswith(name)),
        )
        for audience in document["audiences"]
        for name in [audience["name"]]
    )
