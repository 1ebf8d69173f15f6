"""The rules with what is known of cards' tags: whom each of these cards is for is then a question of its name."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from stagegate.approvals.tags.record import TagRecord
from stagegate.approvals.tags.settle import Tags, tags_of
from stagegate.core.arns import Subject
from stagegate.rules.audiences import Audience, Claim, Selected
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.choice import rests_on_tag


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledAudience(Audience):
    """An audience that selects by tag, with the cards whose tags are known, by their names: those that have it, those
    that haven't, and of those whose tag doesn't count, why.
    """

    having: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    unsettled: tuple[tuple[str, str], ...] = ()

    def claim(self, kind: Selected, name: str, owner: str) -> Claim:
        """Tell whether a model is for this audience, if no earlier one has it."""
        found = Audience.claim(self, kind, name, owner)
        if found is not Claim.UNSETTLED or name in self.having:
            return Claim.NO if found is Claim.NO else Claim.YES
        return Claim.NO if name in self.lacking else Claim.UNSETTLED

    def why_unsettled(self, name: str) -> str:
        """Return why the tag of a card doesn't count."""
        return dict(self.unsettled).get(name, Audience.why_unsettled(self, name))


def tag_keys(rules: Rules) -> dict[str, tuple[str, ...]]:
    """Return the keys of the tags that audiences select by, each with the principals who may set it."""
    keys = {audience.tag.key for audience in rules.whole.audiences if audience.tag}
    return {entry.key: entry.principals for entry in rules.whole.tags if entry.key in keys}


def with_tags(rules: Rules, known: Mapping[str, Tags]) -> Rules:
    """Return the rules for all models with the tags of these cards, by their names. A card that isn't among them, and
    may be for an audience by its tag, is for nobody.
    """
    if not known or not any(audience.tag for audience in rules.audiences):
        return rules
    return replace(rules, audiences=tuple(_settled(audience, known) for audience in rules.audiences))


def with_recorded_tags(rules: Rules, subject: Subject, records: Collection[TagRecord]) -> Rules:
    """Return the rules with what the records alone say of one card's tags: for whoever doesn't ask SageMaker."""
    if not rests_on_tag(rules.audiences, subject):
        return rules
    return with_tags(rules, {subject.name: tags_of(records, tag_keys(rules), None)})


def _settled(audience: Audience, known: Mapping[str, Tags]) -> Audience:
    if audience.tag is None:
        return audience
    said = {each.name: getattr(audience, each.name) for each in fields(Audience)}
    key, values = audience.tag.key, audience.tag.values
    before = audience if isinstance(audience, SettledAudience) else SettledAudience(**said)
    having = {name for name, tags in known.items() if tags.values.get(key) in values}
    lacking = {name for name, tags in known.items() if key in tags.values} - having
    return SettledAudience(
        **said,
        having=frozenset({*_others(before.having, known), *having}),
        lacking=frozenset({*_others(before.lacking, known), *lacking}),
        unsettled=(
            *((name, why) for name, why in before.unsettled if name not in known),
            *((name, tags.unsettled[key]) for name, tags in known.items() if key in tags.unsettled),
        ),
    )


def _others(names: Collection[str], known: Mapping[str, Tags]) -> Iterator[str]:
    return (name for name in names if name not in known)
