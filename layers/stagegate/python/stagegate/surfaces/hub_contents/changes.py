"""Private hubs: what is in one, what should be, and the changes between the two."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from stagegate.core.sentences import named
from stagegate.core.untrusted import word
from stagegate.rules.filters.public_model import PUBLIC_HUB
from stagegate.targets.hub_content import name_of, version_of

T = TypeVar("T")

SURFACE = "hub"

CHUNK = 200
"""References that one change writes at most: one call each, well within a function's time."""
OWN_CHUNK = 20
"""Packages that one change takes out at most: each is waited for."""
ROUND = 2000
"""References that one round of a run writes at most: their names fit a state machine's payload of 256 KiB."""

ALL_VERSIONS = "1.0.0"
"""The minimum that lets every version in (UpdateHubContentReference in the API reference)."""

LIVE = frozenset({"Available", "Importing", "PendingImport"})
LEAVING = frozenset({"Deleting", "PendingDelete"})
"""Statuses of a hub's content; the others are failures (HubContentStatus in botocore's SageMaker model)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference in a private hub: the ARN of the public model that it stands for, and its status.

    `minimum` is the oldest version that it offers, None where that wasn't read: no list has it.
    """

    name: str
    target: str
    status: str
    minimum: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Something else in a hub: its type (`Model`, `Notebook`, …) and its name."""

    type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnContent:
    """A version of a model that a package is in a hub. `wanted` is a digest of what its package wants of the hub by the
    record, or of nothing: what was planned for it holds while that is so.
    """

    package: str
    wanted: str

    @property
    def name(self) -> str:
        """What it is called in the hub."""
        return name_of(self.package)

    def __str__(self) -> str:
        """Its name and version, for people."""
        return f"{word(self.name)} {version_of(self.package)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedHub:
    """A private hub as SageMaker has it. `is_ours`: it carries our tag.

    `own` are packages, and `others` what is neither one nor a reference. `marked` are the names of models whose latest
    version carries our mark.
    """

    status: str
    is_ours: bool
    references: tuple[Reference, ...] = ()
    others: tuple[Content, ...] = ()
    own: tuple[OwnContent, ...] = ()
    marked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Models that a reference offers from one version on, all versions where that is None."""

    minimum: str | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeHub:
    """Make the hub; or, to adopt one that is there, put our tag on it."""

    surface: ClassVar[str] = SURFACE
    places: ClassVar[tuple[str, ...]] = ()

    hub_arn: str
    description: str
    adopt: bool = False

    @property
    def closes(self) -> bool:
        """Whether there may be something to remove, which is removed of hubs of ours only."""
        return self.adopt

    def line(self) -> str:
        """Return whether it is made or taken over."""
        return "take the hub over" if self.adopt else "make the hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReferences:
    """Remove references, change the minimum of some, and make others; in this order."""

    surface: ClassVar[str] = SURFACE
    places: ClassVar[tuple[str, ...]] = ()

    hub_arn: str
    remove: tuple[str, ...] = ()
    change: tuple[Floor, ...] = ()
    add: tuple[Floor, ...] = ()

    @property
    def closes(self) -> bool:
        """Whether references go, or offer other versions; where some are made as well, it is no close."""
        return not self.add

    def line(self) -> str:
        """Return how many models each part is about, and the first of them."""
        parts = (
            ("remove", self.remove),
            ("change the minimum of", names(self.change)),
            ("add", names(self.add)),
        )
        return "; ".join(f"{verb} {len(models)}: {named(models)}" for verb, models in parts if models)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOwn:
    """Delete models that packages are in a hub, unless their packages want something else there by then."""

    surface: ClassVar[str] = SURFACE
    places: ClassVar[tuple[str, ...]] = ()
    closes: ClassVar[bool] = True

    hub_arn: str
    contents: tuple[OwnContent, ...]

    def line(self) -> str:
        """Return the first of what is deleted."""
        return f"take out {len(self.contents)} models of packages: {named([str(content) for content in self.contents])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveContents:
    """Delete what else is in a hub that is torn down, every version of it."""

    surface: ClassVar[str] = SURFACE
    places: ClassVar[tuple[str, ...]] = ()
    closes: ClassVar[bool] = True

    hub_arn: str
    contents: tuple[Content, ...]

    def line(self) -> str:
        """Return the first of what is deleted."""
        return f"delete {named([f'{word(content.type)} {word(content.name)}' for content in self.contents])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveHub:
    """Delete the hub, which is empty by then."""

    surface: ClassVar[str] = SURFACE
    places: ClassVar[tuple[str, ...]] = ()
    closes: ClassVar[bool] = True

    hub_arn: str

    def line(self) -> str:
        """Return that it goes."""
        return "delete the hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How many references were removed, given another minimum, and added."""

    removed: int = 0
    changed: int = 0
    added: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What has to be written: one entry a reference, with its minimum where it has one."""

    remove: tuple[str, ...]
    change: tuple[tuple[str, str | None], ...]
    add: tuple[tuple[str, str | None], ...]

    @property
    def size(self) -> int:
        """The number of writes."""
        return len(self.remove) + len(self.change) + len(self.add)


def names(floors: Iterable[Floor]) -> tuple[str, ...]:
    """Return the names of all models under these minimums."""
    return tuple(name for floor in floors for name in floor.names)


def public_arn(hub_arn: str, model: str) -> str:
    """Return the ARN that a reference in this hub names a public model by: without its version."""
    _, partition, _, region, *_ = hub_arn.split(":")
    return f"arn:{partition}:sagemaker:{region}:aws:hub-content/{PUBLIC_HUB}/Model/{model}"


def difference(hub_arn: str, wanted: Mapping[str, str | None], references: Iterable[Reference]) -> Difference:
    """Return what makes a hub hold exactly the wanted models, each under its own name.

    A reference that stands for another model than it is called as, or that couldn't be made, is removed and, where it
    is wanted, made again. One that is being removed already only has to be made. The minimum of a reference is compared
    where it was read; a wanted None stands for all versions, which SageMaker calls 1.0.0.
    """
    seen = list(references)
    right = {r.name: r for r in seen if r.status in LIVE and r.target == public_arn(hub_arn, r.name)}
    kept = right.keys() & wanted.keys()
    return Difference(
        remove=tuple(sorted(r.name for r in seen if r.status not in LEAVING and r.name not in kept)),
        change=tuple(
            (name, wanted[name])
            for name in sorted(kept)
            if right[name].minimum is not None and right[name].minimum != (wanted[name] or ALL_VERSIONS)
        ),
        add=tuple((name, wanted[name]) for name in sorted(wanted.keys() - kept)),
    )


def holding(names: Iterable[str]) -> str:
    """Return what stands for the names of all references in a hub, to compare what was planned with what is there."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def first_of(whole: Difference, size: int) -> Difference:
    """Return the first writes of a difference, removals before everything else."""
    remove = whole.remove[:size]
    change = whole.change[: size - len(remove)]
    return Difference(remove=remove, change=change, add=whole.add[: size - len(remove) - len(change)])


def in_chunks(hub_arn: str, whole: Difference) -> Iterator[SetReferences]:
    """Yield the changes that write a difference, each with a `CHUNK` of references at most."""
    yield from (SetReferences(hub_arn=hub_arn, remove=part) for part in _parts(whole.remove))
    yield from (SetReferences(hub_arn=hub_arn, change=_floors(part)) for part in _parts(whole.change))
    yield from (SetReferences(hub_arn=hub_arn, add=_floors(part)) for part in _parts(whole.add))


def in_own_chunks(hub_arn: str, own: Sequence[OwnContent]) -> "list[RemoveOwn]":
    """Return the changes that take packages out, each with an `OWN_CHUNK` of them at most."""
    return [RemoveOwn(hub_arn=hub_arn, contents=part) for part in _parts(tuple(own), OWN_CHUNK)]


def _parts(whole: tuple[T, ...], size: int = CHUNK) -> Iterator[tuple[T, ...]]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def _floors(pairs: Iterable[tuple[str, str | None]]) -> tuple[Floor, ...]:
    grouped: dict[str | None, list[str]] = {}
    for name, minimum in pairs:
        grouped.setdefault(minimum, []).append(name)
    return tuple(Floor(minimum=minimum, names=tuple(names)) for minimum, names in grouped.items())


HubChange = MakeHub | SetReferences | RemoveOwn | RemoveContents | RemoveHub
