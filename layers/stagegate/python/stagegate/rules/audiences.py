"""What governance.toml says about audiences, as values: which models are for whom."""

from dataclasses import dataclass
from enum import StrEnum

from stagegate.core.patterns import fits


class Selected(StrEnum):
    """The kinds of subjects that an audience selects, each by the key of its patterns."""

    CARDS = "cards"
    GROUPS = "groups"
    HUBS = "hubs"


def alike(name: str, kind: Selected) -> str:
    """Return a name or a pattern as names of a kind are compared: SageMaker writes a group's ARN in small letters,
    whatever capitals its name has.
    """
    return name.lower() if kind is Selected.GROUPS else name


class Claim(StrEnum):
    """Whether a model is for an audience."""

    YES = "yes"
    NO = "no"
    UNSETTLED = "unsettled"
    """It rests on a tag that nothing is known of, or that doesn't count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSelector:
    """The tag of a card that decides whether it is for an audience: its key, and the values that select it."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taggers:
    """Who may set the tag with a key, or take it off: principals as `Approvers` have them."""

    key: str
    principals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceStage:
    """What one audience has as a stage. What is left out of it is what `[[stages]]` says: accounts and units together,
    and roles. No account at all (of a unit that has none) is nothing left out: the audience has none there then.
    """

    stage: str
    accounts: tuple[str, ...] | None = None
    units: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def says_where(self) -> bool:
        """Whether it has accounts of its own, by their ids or by organizational unit."""
        return self.accounts is not None or bool(self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The models that are for the same accounts, roles and approvers.

    `cards`, `groups` and `hubs` are names, exact or ending in `*`. `owners` are accounts (12 digits each) that own
    these models, none for whichever; `owners` alone select all that they own. With a `tag`, it selects of these models
    the cards that have it, and nothing else; with nothing but a tag, every card that has it.
    """

    name: str
    cards: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    hubs: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    tag: TagSelector | None = None
    stages: tuple[AudienceStage, ...] = ()

    def patterns(self, kind: Selected) -> tuple[str, ...]:
        """Return the patterns of names for one kind of model; `*` where owners alone are said, or a tag."""
        if self.tag and kind is not Selected.CARDS:
            return ()
        if (self.owners or self.tag) and not (self.cards or self.groups or self.hubs):
            return ("*",)
        return {Selected.CARDS: self.cards, Selected.GROUPS: self.groups, Selected.HUBS: self.hubs}[kind]

    def claim(self, kind: Selected, name: str, owner: str) -> Claim:
        """Tell whether a model of that name and owner is for this audience, if no earlier one has it. What rests on a
        tag is unsettled here: `rules/narrowed/tags` knows of tags.
        """
        is_theirs = not self.owners or owner in self.owners
        if not is_theirs or not any(fits(alike(each, kind), alike(name, kind)) for each in self.patterns(kind)):
            return Claim.NO
        return Claim.UNSETTLED if self.tag else Claim.YES

    def why_unsettled(self, name: str) -> str:  # noqa: ARG002  nothing is known of any
        """Return why the tag of a card doesn't count."""
        return "nothing is known of it here"

    def stage(self, name: str) -> AudienceStage | None:
        """Return what it says of a stage, None for nothing."""
        return next((each for each in self.stages if each.stage == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRepository:
    """Repositories of images in an account, and the audience whose packages alone they open for. `name` is exact or
    ends in `*`; the first that fits counts.
    """

    name: str
    account: str
    audience: str

    def fits(self, account: str, repository: str) -> bool:
        """Tell whether this is about a repository of that name in an account."""
        return self.account == account and fits(self.name, repository)
