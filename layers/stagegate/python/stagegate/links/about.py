"""Which packages a card's word is about, and which stages it opens for one."""

from collections.abc import Collection
from dataclasses import dataclass

from stagegate.links.content import is_same
from stagegate.links.word import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkable:
    """What of a package says which card is its own. `card` is the ARN that its own card names, "" for none."""

    arn: str
    group: str
    account: str
    card: str = ""


def opens(word: Word, package: Linkable, stage: str, *, keeping: bool = False) -> bool:
    """Tell whether a card opens a stage for a package: the approval, where it takes one, has to be about a content that
    names the package, or none and so the whole group of the card's name. With `keeping` the stage is open for it.
    """
    return any(
        o.stage == stage and (keeping or not o.only_keeps) and is_about(word, o.names, package) for o in word.openings
    )


def speaks(word: Word, package: Linkable) -> bool:
    """Tell whether a card that is there names a package, now or in what is approved of it."""
    return word.is_there and names(word, package)


def names(word: Word, package: Linkable) -> bool:
    """Tell whether a card names a package, there or not."""
    said = [word.names, *(opening.names for opening in word.openings if opening.approval)]
    return any(is_about(word, names, package) for names in said)


def is_about(word: Word, names: Collection[str], package: Linkable) -> bool:
    """Tell whether a content with these names is about a package. A card that names packages speaks for these alone."""
    if names:
        return any(is_same(each, package.arn) for each in names)
    return word.name == package.group or word.arn == package.card
