"""Whose half of the access it is, and how a statement of it is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.rules.model import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """The roles of `stage` in `accounts` of it, and `owner`, the account of what they are let at: the governance one.

    `region` may be `*` for any.
    """

    stage: Stage
    accounts: tuple[str, ...]
    owner: str
    partition: str
    region: str

    @property
    def home(self) -> str:
        """How the ARNs of the owner's SageMaker resources begin."""
        return self.of("sagemaker", self.owner)

    def of(self, service: str, account: str) -> str:
        """Return how the ARNs of a service's resources in an account begin."""
        return f"arn:{self.partition}:{service}:{self.region}:{account}"


def allow(
    sid: str,
    actions: Iterable[str],
    resources: Iterable[str],
    conditions: Mapping[str, Mapping[str, str | list[str]]] | None = None,
) -> dict[str, Any]:
    """Return an Allow statement as an IAM policy has it. No order says anything: actions and resources are sorted."""
    statement = {
        "Sid": f"Stagegate{sid}",
        "Effect": "Allow",
        "Action": sorted(set(actions)),
        "Resource": sorted(set(resources)),
    }
    return {**statement, "Condition": conditions} if conditions else statement


def spelled(groups: Iterable[str]) -> list[str]:
    """Return names of groups, each once and in small letters as well: ARNs may have either (docs/live.md)."""
    return sorted({each for group in groups for each in (group, group.lower())})


def via(service: str, region: str, partition: str) -> dict[str, str | list[str]]:
    """Return what a condition asks for so that a key is used through a service alone, not by the role itself.

    In China, services have a second name: no page says which of the two the key has there (docs/live.md).
    """
    name = f"{service}.{region}.amazonaws.com"
    return {"kms:ViaService": [name, f"{name}.cn"] if partition == "aws-cn" else name}
