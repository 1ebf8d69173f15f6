"""What is found of a package's cards: why one keeps it closed, and what is odd about them."""

from collections.abc import Collection

from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.sentences import named
from stagegate.core.untrusted import word as shown
from stagegate.links.word import Word


def closed(card: Word, stage: str) -> Finding:
    """Return the finding for a card that doesn't open a stage."""
    later = "" if card.is_on_record else " yet"
    return blocked(
        "CardClosed",
        f"Its card {shown(card.name)} is {card.status} (version {card.version}) and doesn't open {stage}{later}. A"
        " package opens where its card does.",
        stage,
    )


def for_others(card: Word, stage: str) -> Finding:
    """Return the finding for a card whose approvers and accounts are others than the package's."""
    return blocked(
        "CardForOthers",
        f"Its card {shown(card.name)} is for another audience than the package's group. Let one entry of"
        " [[audiences]] select both.",
        stage,
    )


def not_bound(why: str, stage: str) -> Finding:
    """Return the finding for a stage that stays open beside a card that nobody has approved for it."""
    return warned(
        "CardNotApproved",
        f"{why} {stage} was open before and stays so, as no card that speaks for the package has been approved for it."
        " Once one is, the package follows that; until then nothing else opens. To close it, reject the package.",
        stage,
    )


def missing(group: str, stage: str) -> Finding:
    """Return the finding for a package of a group for which no card speaks, where the rules ask for one."""
    return blocked(
        "CardMissing",
        f"No card speaks for the package, and governance.toml asks for one. Make a card that is called"
        f" {shown(group)}, or let a card name the package as its model_package_arn.",
        stage,
    )


def later(stage: str) -> Finding:
    """Return the finding for a package without a card whose open stage waits for a second look."""
    return warned(
        "CardMissing",
        "No card speaks for the package yet, and governance.toml asks for one. It stays open until it is looked at"
        " once more, as a card that names it may not have been looked at either.",
        stage,
    )


def let_go(before: Word, stage: str) -> Finding:
    """Return the finding for a package whose card has gone, or doesn't name it any more and isn't approved so."""
    what = (
        "doesn't speak for it any more, and isn't approved as it is for this stage. An approver has to approve the card"
        if before.is_there
        else "is gone. Make it again"
    )
    return blocked("CardLetGo", f"The package has followed the card {shown(before.name)}, which {what}.", stage)


def conflict(speaking: Collection[Word]) -> str:
    """Return what is said where several cards speak for one package."""
    cards = named([shown(word.name) for word in speaking])
    return (
        f"The cards {cards} all speak for the package. Nothing opens until only one does: a card speaks for the"
        " packages that it names, and if it names none, for the group of its own name."
    )


def too_many(count: int, most: int) -> Finding:
    """Return the finding for more new cards than one run records."""
    return warned(
        "CardsTooMany",
        f"{count} cards name the package that don't start its runs yet, and one run records {most}. The next runs"
        " record the others.",
    )


def unread(cards: Collection[Word], left_out: int, stage: str = "") -> Finding:
    """Return the finding for cards that may speak for a package, and that nobody could read or that are too many to
    ask. Without a stage nothing is kept closed by it.
    """
    said = [f"{shown(word.name)} can't be read: {word.error}" for word in cards]
    said += [f"{left_out} more cards name the package than one run asks"] if left_out else []
    text = f"Of the cards that may speak for the package, {'; '.join(said)}."
    if stage:
        return blocked("CardUnread", f"{text} Nothing opens until that is over.", stage)
    return warned("CardUnread", f"{text} Nothing is closed for that.")


def elsewhere(card: str) -> Finding:
    """Return the finding for a card of somebody else that the package's own card names."""
    return warned(
        "CardElsewhere",
        f"The package's own card names {shown(card)}, which belongs to somebody else: its word doesn't count.",
    )
