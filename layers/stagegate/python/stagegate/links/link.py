"""Which card speaks for a package, and what of the package's access it lets stand."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from stagegate.approvals.entitlement import Entitled
from stagegate.core.card_link import CardLink
from stagegate.core.findings import Finding, blocked, warned
from stagegate.links.content import is_same
from stagegate.links.findings import closed, conflict, elsewhere, for_others, later, let_go, missing, too_many, unread
from stagegate.links.linking import Linking
from stagegate.links.recorded import CARD, CARDS, OWN, recorded_cards
from stagegate.links.word import Word

_MISSING = ("CardMissing", "CardUnread")
MOST_NEW = 30
"""Cards that begin to start a package's runs in one run, and as many that cease to: a transaction of DynamoDB has a
hundred items, and each card takes one or two. Who named one package in many drafts could else keep its runs from being
recorded.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkable:
    """What of a package says which card is its own. `card` is the ARN that its own card names, "" for none."""

    arn: str
    group: str
    account: str
    card: str = ""


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
        return found if found and _names(found, replace(self.package, card="")) else None

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
        return tuple(word for word in mine if _speaks(word, self.package))

    @property
    def is_conflict(self) -> bool:
        """Whether several speak for it."""
        return len(self.speaking) > 1

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
) -> Link:
    """Return which of these cards speak for a package, which is for that audience (`Rules.audience`), and for which the
    rules may open these stages. Where an audience has its group, cards of other audiences don't speak for it: their
    authors would else close it, or keep it closed, by a draft.
    """
    home = package.arn.rpartition(":model-package/")[0]
    return Link(
        package=package,
        speaking=tuple(
            word
            for word in words
            if word.account == package.account and _speaks(word, package) and audience in (None, "", word.audience)
        ),
        looked_at=tuple(words),
        before=planner_state.get(CARD, ""),
        elsewhere="" if package.card.startswith(f"{home}:") else package.card,
        is_first=CARDS not in planner_state,
        audience=audience,
        stages=frozenset(stages),
        known=recorded_cards(planner_state),
    )


def followed(entitled: Entitled, link: Link, rule: CardLink, open_stages: Collection[str]) -> Entitled:
    """Return what a package is entitled to and its card lets stand.

    In a conflict nothing opens that isn't open, and what is open stays as far as the card that it was opened by still
    speaks for it and opens that stage. What was open before cards counted closes for want of one when it is looked at
    for the second time: the runs of the cards say which packages they name, and may come later.
    """
    if rule is CardLink.IGNORED:
        return entitled
    kept, findings = [], [elsewhere(link.elsewhere)] if link.elsewhere else []
    for entitlement in entitled.entitlements:
        finding = _objection(link, rule, entitlement.stage, open_stages)
        if finding and finding.code in _MISSING and link.is_first and entitlement.stage in open_stages:
            finding = None
            findings.append(later(entitlement.stage))
        if finding is None:
            kept.append(entitlement)
        else:
            findings.append(finding)
    if link.is_conflict and not any(each.code == "CardConflict" for each in findings):
        findings.append(warned("CardConflict", conflict(link.speaking)))
    if (link.unread or link.left_out) and not any(each.code == "CardUnread" for each in findings):
        findings.append(unread(link.unread, link.left_out))
    if len(link.new) > MOST_NEW:
        findings.append(too_many(len(link.new), MOST_NEW))
    return replace(entitled, entitlements=tuple(kept), findings=(*entitled.findings, *findings))


def opens(word: Word, package: Linkable, stage: str, *, keeping: bool = False) -> bool:
    """Tell whether a card opens a stage for a package: the approval, where it takes one, has to be about a content that
    names the package, or none and so the whole group of the card's name. With `keeping` the stage is open for it.
    """
    return any(
        o.stage == stage and (keeping or not o.only_keeps) and _is_about(word, o.names, package) for o in word.openings
    )


def _speaks(word: Word, package: Linkable) -> bool:
    return word.is_there and _names(word, package)


def _names(word: Word, package: Linkable) -> bool:
    said = [word.names, *(opening.names for opening in word.openings if opening.approval)]
    return any(_is_about(word, names, package) for names in said)


def _is_about(word: Word, names: Collection[str], package: Linkable) -> bool:
    """Tell whether a content with these names is about a package. A card that names packages speaks for these alone."""
    if names:
        return any(is_same(each, package.arn) for each in names)
    return word.name == package.group or word.arn == package.card


def _objection(link: Link, rule: CardLink, stage: str, open_stages: Collection[str]) -> Finding | None:
    """Return what keeps a stage closed. Cards that nobody could ask open nothing, and take nothing that is open."""
    found = _of_those_read(link, rule, stage, open_stages)
    if stage in open_stages:
        return None if link.is_before_unread else found
    is_unsure = link.unread or link.left_out
    return (
        unread(link.unread, link.left_out, stage) if is_unsure and (found is None or found.code in _MISSING) else found
    )


def _of_those_read(link: Link, rule: CardLink, stage: str, open_stages: Collection[str]) -> Finding | None:
    if link.is_conflict:
        ours = [word for word in link.speaking if word.arn == link.before and word.audience == link.audience]
        keeps = any(opens(word, link.package, stage, keeping=True) for word in ours)
        return None if keeps and stage in open_stages else blocked("CardConflict", conflict(link.speaking), stage)
    if link.card and link.card.audience != link.audience:
        return for_others(link.card, stage)
    if link.card:
        is_opened = opens(link.card, link.package, stage, keeping=stage in open_stages)
        return None if is_opened else closed(link.card, stage)
    if rule is CardLink.REQUIRED and link.others:
        return for_others(link.others[0], stage)
    if rule is CardLink.REQUIRED:
        return missing(link.package.group, stage)
    return _let_go(link, stage)


def _let_go(link: Link, stage: str) -> Finding | None:
    """Return the finding for a package whose card has gone, or doesn't name it any more and isn't approved like that.

    To delete a card, or to edit it, would else open what it had closed.
    """
    before = next((word for word in link.looked_at if word.arn == link.before), None)
    if before is None or before in link.unread or link.lets_go(stage):
        return None
    if before.error or before in link.others:
        return for_others(before, stage)
    return let_go(before, stage)


def state_of(link: Link | None, planner_state: Mapping[str, str]) -> dict[str, str]:
    """Return what the next run of a package has to know of its cards. No link: which ones it has to leave still."""
    if link is not None:
        return link.state()
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
