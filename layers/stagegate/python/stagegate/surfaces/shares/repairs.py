"""What somebody has changed of our shares by hand, and how it is put back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from stagegate.surfaces.shares.changes import SURFACE, CloseShare, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitShare:
    """Give a share the permission again that it was made with. Until then whoever is in it may do more, or less."""

    surface: ClassVar[str] = SURFACE
    closes: ClassVar[bool] = True

    stage: str
    share_arn: str
    permission: str
    found: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """The share's permission, which no grant on record is named by: who is in the share stays there."""
        return (f"{self.share_arn}/permission",)

    def line(self) -> str:
        """Return what the share gives and what it should."""
        gives = ", ".join(self.found) or "nothing"
        return f"have the share of {self.stage} give {self.permission} again: somebody has made it {gives}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkShare:
    """Put back the tags that somebody took off a share of ours, or changed: by them other subjects find it."""

    surface: ClassVar[str] = SURFACE
    closes: ClassVar[bool] = False
    places: ClassVar[tuple[str, ...]] = ()

    stage: str
    share_arn: str
    tags: tuple[tuple[str, str], ...]

    def line(self) -> str:
        """Return which tags, and whose share."""
        names = ", ".join(name for name, _ in self.tags)
        return f"put {names} back on the share of {self.stage}, which is Stagegate's by the record"


def limits(shares: Iterable[Share]) -> tuple[LimitShare, ...]:
    """Return the changes for shares that don't give what they were made with. Of one not looked at nothing is known."""
    return tuple(
        LimitShare(stage=share.stage, share_arn=share.arn, permission=share.permission, found=share.gives)
        for share in shares
        if share.gives is not None and share.permission and share.gives != (share.permission,)
    )


def marks(shares: Iterable[Share], closes: Iterable[CloseShare]) -> tuple[MarkShare, ...]:
    """Return the changes for shares that lack tags of ours, but for those that get them before they close."""
    marked = {change.share_arn for change in closes}
    return tuple(
        MarkShare(stage=share.stage, share_arn=share.arn, tags=share.lacks)
        for share in shares
        if share.lacks and share.arn not in marked
    )
