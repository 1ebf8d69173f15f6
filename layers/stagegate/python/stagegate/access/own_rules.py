"""The rules for one subject by what is recorded: as its own runs have them."""

from stagegate.access.model import SubjectRecord
from stagegate.approvals.tags.audiences import with_recorded_tags
from stagegate.core.arns import Subject
from stagegate.core.card_link import CardLink
from stagegate.links.about import Linkable, names
from stagegate.links.word import Opening, Word
from stagegate.plans.decision import DELETED
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.for_subject import audience_of, for_subject


def rules_of(record: SubjectRecord, rules: Rules, card: SubjectRecord | None = None) -> Rules:
    """Return the rules for a subject: those of its card's audience for a package that is for that (see `selected_by`).

    `rules` are the whole file's, `card` is what is recorded of the card that a package follows.
    """
    rules = knowing_tags(record, rules, card)
    return for_subject(rules, selected_by(record, rules, card))


def knowing_tags(record: SubjectRecord, rules: Rules, card: SubjectRecord | None = None) -> Rules:
    """Return the rules for all models with what is recorded of a card's tags, or of those of a package's card."""
    for each in filter(None, (record, card)):
        rules = with_recorded_tags(rules, each.subject, each.tags)
    return rules


def selected_by(record: SubjectRecord, rules: Rules, card: SubjectRecord | None = None) -> Subject:
    """Return whose name says which audience a subject is for: its own, or that of the card that a package follows. That
    counts where no audience selects the package's group, and the card names it or is called as its group (`link_of`).
    """
    subject = record.subject
    asks = rules.packages is not None and rules.packages.by_card is not CardLink.IGNORED
    if subject.kind != "model-package" or not asks or audience_of(rules, subject) is not None:
        return subject
    return card.subject if card and record.card == card.subject.arn and _speaks(card, subject) else subject


def _speaks(card: SubjectRecord, package: Subject) -> bool:
    """Tell whether a card that is there names a package by what its last run has recorded of it."""
    if card.now is None or card.now.status == DELETED:
        return False
    now, *approved = card.names or ((),)
    word = Word(
        arn=card.subject.arn,
        name=card.subject.name,
        account=card.subject.account,
        names=now,
        openings=tuple(Opening(stage="", approval="recorded", names=each) for each in approved),
    )
    group = package.name.partition("/")[0]
    return names(word, Linkable(arn=package.arn, group=group, account=package.account))
