"""What is so beside the rules: where the stack is, what was approved, and what is open to whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HOME, REGION = "111122223333", "us-east-1"
"""The governance account, and its Region."""
SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{HOME}"

Settings = Mapping[str, Any]
"""A governance.toml, as TOML has it."""
Grant = dict[str, Any]
"""An entry of a file of grants."""


@dataclass(frozen=True, slots=True)
class Data:
    """An object of a bucket or, with `below`, what starts with its key."""

    bucket: str
    key: str
    below: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A version of a package group, and the stages that it is open to."""

    group: str
    version: int
    stages: tuple[str, ...]
    data: tuple[Data, ...] = ()
    image: str = ""

    @property
    def arn(self) -> str:
        """The version's ARN."""
        return f"{SAGEMAKER}:model-package/{self.group}/{self.version}"


def stage_of(settings: Settings, name: str) -> Mapping[str, Any]:
    """Return a stage."""
    return next(stage for stage in settings["stages"] if stage["name"] == name)


def stage_of_anybody(settings: Settings, name: str) -> Mapping[str, Any]:
    """Return a stage with the accounts and roles that it has for any audience: what one says counts in place of what
    the stage says.
    """
    base = stage_of(settings, name)
    places = []
    for audience in settings.get("audiences", [{}]):
        own: Settings = next((each for each in audience.get("stages", ()) if each["stage"] == name), {})
        where = own if "accounts" in own or "units" in own else base
        places.append((where.get("accounts", []), own.get("roles", base.get("roles", []))))
    accounts = dict.fromkeys(account for some, _ in places for account in some)
    names = dict.fromkeys(role for _, some in places for role in some)
    return {**base, "accounts": list(accounts), "roles": list(names)}


def people(settings: Settings, stage: str, owner: str) -> Iterator[str]:
    """Yield whom a stage's packages are opened to, by the rules: its roles, or whoever its accounts let. An account
    that owns something needs nothing of us.
    """
    found = stage_of(settings, stage)
    for account in found["accounts"]:
        if account == owner:
            continue
        if settings["packages"].get("principals", "roles") == "account":
            yield account
        else:
            yield from roles(account, found["roles"])


def roles(account: str, names: list[str]) -> list[str]:
    """Return the ARNs of roles that the rules name."""
    return [name if name.startswith("arn:") else f"arn:aws:iam::{account}:role/{name}" for name in names]


def bucket_of(settings: Settings, name: str) -> Mapping[str, Any]:
    """Return what the rules say of a bucket; a name may end in `*`."""
    for entry in settings["buckets"]:
        start = entry["name"].removesuffix("*")
        if name == entry["name"] or (start != entry["name"] and name.startswith(start)):
            return dict(entry)
    raise KeyError(name)
