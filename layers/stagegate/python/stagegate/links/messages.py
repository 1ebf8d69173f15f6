"""What the message about a card says of its packages, and that about a package of its card."""

from collections.abc import Collection

from stagegate.core.card_link import CardLink
from stagegate.core.sentences import named
from stagegate.core.untrusted import word as shown
from stagegate.links.about import opens
from stagegate.links.link import Link
from stagegate.rules.model import Rules


def about_packages(rules: Rules, card: str, names: Collection[str]) -> tuple[str, ...]:
    """Return for which packages a card speaks that is called so and whose content names these; nothing where the rules
    ask no card.
    """
    if rules.packages is None or rules.packages.by_card is CardLink.IGNORED:
        return ()
    which = named([shown(each) for each in names]) or f"those of the group {shown(card)} that no other card speaks for"
    return (f"Packages that open with it: {which}.",)


def about_no_card(rules: Rules) -> tuple[str, ...]:
    """Return what a sweep says of rules for packages that have no word of cards."""
    if rules.packages is None or rules.packages.card is not None:
        return ()
    return (
        'CardNotAsked: governance.toml has no packages.card, so packages open whatever their cards say. "required"'
        " would close them where no card of theirs opens the stage. A manual run of a package says which that are.",
    )


def about_card(link: Link | None) -> tuple[str, ...]:
    """Return which card speaks for a package, and what it opens for it; nothing where the rules ask no card."""
    if link is None:
        return ()
    if not link.speaking:
        return ("Card: none speaks for it.",)
    lines = []
    for word in link.speaking:
        stages = named([o.stage for o in word.openings if opens(word, link.package, o.stage)]) or "nothing"
        lines.append(f"Card: {shown(word.name)} is {word.status} (version {word.version}); it opens {stages}.")
    return tuple(lines)
