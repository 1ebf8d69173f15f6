"""Which cards are asked for their word of a package, and whom it is for by that."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from stagegate.core.arns import subject_of
from stagegate.core.card_link import CardLink
from stagegate.links.about import Linkable
from stagegate.links.link import Link, candidates, linked
from stagegate.links.recorded import recorded_cards
from stagegate.links.word import Word
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.for_subject import for_follower, may_be_for

MOST_ASKED = 30
"""Cards that are asked because they name a package: two calls each, within the 60 s that a plan has. Who names a
package in many drafts could else keep it from closing.
"""


def link_of(
    rules: Rules,
    package: Linkable,
    named_by: Collection[str],
    planner_state: Mapping[str, str],
    words: Callable[[Iterable[str]], tuple[Word, ...]],
) -> tuple[Rules, Link | None]:
    """Return which card speaks for a package, with its word, None where the rules ask no card; and the rules then: a
    package whose group no audience selects is for its card's (`Link.followed`).

    `rules` are those for the package by its group. `named_by` are the cards that name it by the record, of which those
    are asked first that start its runs already; where an audience selects the group, only those that are for it.
    """
    if rules.packages is None or rules.packages.by_card is CardLink.IGNORED:
        return rules, None
    known = recorded_cards(planner_state)
    if rules.audience:
        named_by = [arn for arn in named_by if may_be_for(rules, subject_of(arn), rules.audience)]
    named_by = sorted(named_by, key=lambda arn: (arn not in known, arn))
    arns = candidates(package, named_by[:MOST_ASKED], planner_state)
    left_out = len(candidates(package, named_by, planner_state)) - len(arns)
    asks = bool(rules.approvers)
    link = linked(package, words(arns), planner_state, rules.audience, asks_approvers=asks)
    rules = for_follower(rules, link.followed.audience if link.followed else None)
    stages = {stage for rule in (rules.packages.status if rules.packages else {}).values() for stage in rule.opens}
    return rules, replace(link, audience=rules.audience, stages=frozenset(stages), left_out=left_out)
