"""Which cards speak for a package, and what is recorded of that."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from stagegate.links.about import Linkable, names, speaks
from stagegate.links.linking import Linking
from stagegate.links.recorded import CARD, CARDS, HELD, OWN, recorded_cards, recorded_holders
from stagegate.links.word import Word

MOST_NEW = 30
"""Cards that begin to start a package's runs in one run, and as many that cease to: a transaction of DynamoDB has a
hundred items, and each card takes one or two. Who named one package in many drafts could else keep its runs from being
recorded.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The cards that speak for a package: none, one, or several, which is a conflict.

    `looked_at` are all the cards whose word was asked for. `before` is the ARN of the card that it has followed so far,
    "" for none. `elsewhere` is the card of another account or Region that its own card names, whose word doesn't count.
    `is_first`: no run has looked for its cards before, so cards that name it may not be known yet.
    """

    package: Linkable
    speaking: tuple[Word, ...] = ()
    looked_at: tuple[Word, ...] = ()
    before: str = ""
    elsewhere: str = ""
    is_first: bool = False
    audience: str | None = ""
    """Whom the package is for by its group, as a word has it for its card."""
    stages: frozenset[str] = frozenset()
    """All that the rules may open for a package."""
    known: tuple[str, ...] = ()
    """The cards that start its runs by the record."""
    left_out: int = 0
    """How many more cards name it than are asked."""
    holders: Mapping[str, str] = field(default_factory=dict)
    """Whose word a stage rests on by the record, where that isn't `before`: a card's ARN, "" for nobody's."""
    asks_approvers: bool = True
    """Whether the rules have approvers of any stage."""

    @property
    def card(self) -> Word | None:
        """The card that alone speaks for it."""
        return self.speaking[0] if len(self.speaking) == 1 else None

    @property
    def followed(self) -> Word | None:
        """The card whose audience it has: the one that speaks for it, in a conflict the one that it has followed.

        None where it speaks only because the package's own card names it: who registers a package doesn't choose whom
        it is for.
        """
        found = self.card or next((word for word in self.speaking if word.arn == self.before), None)
        found = next((word for word in self.unread if word.arn == self.before), found)
        return found if found and names(found, replace(self.package, card="")) else None

    @property
    def unread(self) -> tuple[Word, ...]:
        """The cards that nobody could read, and that may speak for it."""
        return tuple(w for w in self.looked_at if w.error and (not self.audience or w.audience == self.audience))

    @property
    def is_before_unread(self) -> bool:
        """Whether the card that it has followed is among these."""
        return any(word.arn == self.before for word in self.unread)

    @property
    def others(self) -> tuple[Word, ...]:
        """The cards that would speak for it, were they for the audience that its group is for."""
        mine = (word for word in self.looked_at if word.account == self.package.account and word not in self.speaking)
        return tuple(word for word in mine if speaks(word, self.package))

    @property
    def is_conflict(self) -> bool:
        """Whether several speak for it."""
        return len(self.speaking) > 1

    def holder(self, stage: str) -> str:
        """Return whose word a stage that is open rests on by the record: a card's ARN, "" for nobody's."""
        return self.holders.get(stage, self.before)

    def lets_go(self, stage: str) -> bool:
        """Tell whether the card that it has followed opens a stage as it is approved now: who has approved that it
        doesn't speak for the package any more has approved it for this stage.
        """
        of_before = (word for word in self.looked_at if word.arn == self.before and word not in self.others)
        return any(o.stage == stage and o.is_of_now for word in of_before for o in word.openings)

    @property
    def is_let_go(self) -> bool:
        """Whether the card that it has followed has let go of every stage."""
        return bool(self.stages) and all(self.lets_go(stage) for stage in self.stages)

    @property
    def new(self) -> tuple[Word, ...]:
        """The cards that don't start its runs yet, those first that decide what is open."""
        speaking = [word.arn for word in self.speaking]
        found = [word for word in self.looked_at if word.arn not in self.known]
        return tuple(sorted(found, key=lambda word: (word.arn != self.before, word.arn not in speaking, word.arn)))

    @property
    def left(self) -> tuple[str, ...]:
        """The cards that don't have to start its runs any more."""
        return tuple(sorted({*self.known} - {word.arn for word in self.looked_at}))

    def state(self) -> dict[str, str]:
        """Return what the next run has to know. In a conflict it goes on to follow the card that it has followed."""
        followed = self.before if self.is_conflict or not self.is_let_go else ""
        followed = self.card.arn if self.card and not self.is_before_unread else followed
        cards = sorted(({*self.known} - {*self.left[:MOST_NEW]}) | {word.arn for word in self.new[:MOST_NEW]})
        return {
            **({CARD: followed} if followed else {}),
            **({CARDS: json.dumps(cards)} if cards else {}),
            **({OWN: self.package.card} if self.package.card else {}),
        }


def candidates(package: Linkable, named_by: Iterable[str], planner_state: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ARNs of the cards that may speak for a package, each once: those that name it (`named_by`), the one
    that its own card names, the one of its group's name, and the one that it has followed so far. All are of its owner.
    """
    home = package.arn.rpartition(":model-package/")[0]
    found = [f"{home}:model-card/{package.group}", *named_by, package.card, planner_state.get(CARD, "")]
    return tuple(sorted({arn for arn in found if arn.startswith(f"{home}:model-card/")}))


def linked(
    package: Linkable,
    words: Collection[Word],
    planner_state: Mapping[str, str],
    audience: str | None = "",
    stages: Collection[str] = (),
    *,
    asks_approvers: bool = True,
) -> Link:
    """Return which of these cards speak for a package, which is for that audience (`Rules.audience`), and for which the
    rules may open these stages; `asks_approvers` says whether they have approvers of any. Where an audience has its
    group, cards of other audiences don't speak for it: their authors would else keep it closed by a draft.
    """
    home = package.arn.rpartition(":model-package/")[0]
    return Link(
        package=package,
        speaking=tuple(
            word
            for word in words
            if word.account == package.account and speaks(word, package) and audience in (None, "", word.audience)
        ),
        looked_at=tuple(words),
        before=planner_state.get(CARD, ""),
        elsewhere="" if package.card.startswith(f"{home}:") else package.card,
        is_first=CARDS not in planner_state,
        audience=audience,
        stages=frozenset(stages),
        known=recorded_cards(planner_state),
        holders=recorded_holders(planner_state),
        asks_approvers=asks_approvers,
    )


def state_of(
    link: Link | None, planner_state: Mapping[str, str], holders: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return what the next run of a package has to know of its cards, and whose word its stages rest on (`held_by`). No
    link: which ones it has to leave still.
    """
    if link is not None:
        state = link.state()
        others = {stage: arn for stage, arn in sorted((holders or {}).items()) if arn != state.get(CARD, "")}
        return {**state, **({HELD: json.dumps(others)} if others else {})}
    rest = recorded_cards(planner_state)[MOST_NEW:]
    return {CARDS: json.dumps(rest)} if rest else {}


def linking_of(link: Link | None, planner_state: Mapping[str, str]) -> Linking:
    """Return which cards start a package's runs from now on, and which don't any more. No link: none does."""
    if link is None:
        return Linking(left=recorded_cards(planner_state)[:MOST_NEW])
    new = link.new[:MOST_NEW]
    return Linking(
        follows=tuple(word.arn for word in new),
        as_of=tuple(word.at for word in new),
        left=link.left[:MOST_NEW],
    )
