"""What cards say of packages, at one moment: each is read as it is now, with what its own run has recorded."""

from collections.abc import Iterable
from dataclasses import replace

from stagegate.approvals.tags.audiences import with_recorded_tags
from stagegate.core.arns import subject_of
from stagegate.core.errors import PermanentError
from stagegate.ledger import read
from stagegate.links.word import Recorded, Seen, Word, named_before, word_of
from stagegate.plans.grants import open_stages
from stagegate.rules.model import AfterEdit, Rules
from stagegate.rules.narrowed.choice import rests_on_tag
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.subjects import observe_tags
from stagegate.subjects.cards import observe
from stagegate.subjects.cards.model import Card
from stagegate.subjects.context import Planner


def words(planner: Planner, arns: Iterable[str]) -> tuple[Word, ...]:
    """Return the word of each of these cards of this account, also of those that aren't there. Two calls each,
    and one for its tags where these decide whom it is for.

    What a card's own run has found (who approved it, whether they could, what keeps it closed) isn't found again: a
    package follows what that run has opened, as far as the card still is what it was opened for, and for whom: what was
    opened for another audience than the card has now is nobody's word until its own run has opened it for this one.
    """
    return tuple(_word(planner, arn) for arn in arns)


def _word(planner: Planner, arn: str) -> Word:
    subject = subject_of(arn)
    # The planner's rules are those for the package; a card may be for others.
    whole, table = planner.rules.whole, planner.environment.table
    view, at, tags = read.read_view_at(planner.dynamodb, table, arn, tagged=rests_on_tag(whole.audiences, subject))
    # After the record: what is read of the card is at least as new as what was opened for it.
    try:
        card = observe.observe(planner.sagemaker, subject, asks_who=False)
    except PermanentError as error:
        # Who makes a card that can't be read would else keep the packages that it names from closing. By the records
        # alone it is for whom it was, and keeps open what is open for them.
        rules = for_subject(with_recorded_tags(whole, subject, tags), subject)
        unread = Word(arn=arn, name=subject.name, account=subject.account, at=at, audience=rules.audience)
        return replace(unread, names=named_before(view.planner_state), error=str(error))
    rules = for_subject(observe_tags.settled(planner, subject, tags, card.created) if card else whole, subject)
    stages = open_stages(rules, view)
    record = Recorded(
        grants={g.stage: g.approval for g in view.grants if not g.target and g.stage in stages},
        status=view.status,
        content_hash=view.content_hash,
        planner_state=view.planner_state,
        at=at,
    )
    keeps_edited = rules.cards.after_edit is AfterEdit.ASK
    word = word_of(arn, _seen(rules, card) if card else None, record, keeps_edited=keeps_edited)
    return replace(word, audience=rules.audience)


def _seen(rules: Rules, card: Card) -> Seen:
    opens = () if card.is_sealed else rules.cards.status[card.status].opens
    return Seen(
        status=card.status,
        version=card.version,
        content_hash=card.content_hash,
        created=card.created,
        names=card.names,
        opens=frozenset(access.stage for access in opens),
    )
