"""Which models of the public hub belong into a private one, and why the others don't."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from stagegate.rules.filters.fields import FIELDS, value_of
from stagegate.rules.filters.grammar import parse
from stagegate.rules.filters.model import Answer, Truth, evaluate
from stagegate.rules.filters.public_model import PublicModel, fits_a_reference, number_of
from stagegate.rules.hubs import Allow, Doubtful, HubRules, KeepOut, Unknown
from stagegate.surfaces.hub_contents.changes import ALL_VERSIONS

_parsed = cache(parse)


class Remark(StrEnum):
    """What somebody should know of models that a rule lets in. The value is a finding's code."""

    UNKNOWN_FIELD = "ModelFieldUnknown"
    DEPRECATED = "ModelDeprecated"
    RESTRICTED = "ModelRestricted"
    NAME_TOO_LONG = "ModelNameTooLong"
    BELOW_MINIMUM = "ModelBelowMinimum"
    NOT_REVIEWED = "ModelNotReviewed"
    GONE = "ModelGone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say of one model. `minimum` is the oldest version to offer, None where no rule states one.

    `needs_document` is set where the listing doesn't tell and the document wasn't read: everything else is provisional.
    """

    is_in: bool
    minimum: str | None = None
    remarks: tuple[Remark, ...] = ()
    missing: frozenset[str] = frozenset()
    needs_document: bool = False


_OUT = Verdict(is_in=False)


def curate(rules: HubRules, model: PublicModel) -> Verdict:
    """Return the verdict on a model. What keeps a model out always wins over what lets it in.

    Of several rules that let a model in, the highest minimum counts, and the latest day of review.
    """
    answers = [(rule, _answer(rule, model)) for rule in rules.allow]
    kept_out = _kept_out(rules.keep_out, model)
    if kept_out.truth is Truth.TRUE or all(answer.truth is Truth.FALSE for _, answer in answers):
        return _OUT
    missing = kept_out.missing.union(*(answer.missing for _, answer in answers))
    if model.document is None and any(FIELDS[name].key for name in missing):
        return Verdict(is_in=False, needs_document=True, missing=missing)
    letting_in = [rule for rule, answer in answers if _lets_in(rule, answer)]
    is_unknown = kept_out.truth is Truth.UNKNOWN or not any(answer.truth is Truth.TRUE for _, answer in answers)
    remarks = [Remark.UNKNOWN_FIELD] if is_unknown else []
    if not letting_in or (kept_out.truth is Truth.UNKNOWN and not _is_tolerated(rules.keep_out, model)):
        return Verdict(is_in=False, remarks=tuple(remarks), missing=missing)
    return _checked(rules, model, letting_in, remarks, missing)


def _checked(
    rules: HubRules, model: PublicModel, letting_in: Sequence[Allow], remarks: list[Remark], missing: frozenset[str]
) -> Verdict:
    """Return the verdict on a model that a rule lets in, by what else speaks against it."""
    minimum = max((rule.minimum for rule in letting_in if rule.minimum), key=number_of, default=None)
    is_in = True
    for is_so, remark, do in (
        (not fits_a_reference(model.name), Remark.NAME_TOO_LONG, Doubtful.DROP),
        (model.support == "Deprecated", Remark.DEPRECATED, rules.deprecated),
        (model.support == "Restricted", Remark.RESTRICTED, rules.restricted),
        (not _reaches(model.version, minimum), Remark.BELOW_MINIMUM, Doubtful.DROP),
        (not _is_reviewed(letting_in, model), Remark.NOT_REVIEWED, Doubtful.DROP),
    ):
        if is_so:
            remarks.append(remark)
            is_in = is_in and do is Doubtful.FLAG
    return Verdict(is_in=is_in, minimum=minimum if is_in else None, remarks=tuple(remarks), missing=missing)


def _answer(rule: Allow | KeepOut, model: PublicModel) -> Answer:
    if rule.filter is not None:
        return evaluate(_parsed(rule.filter), lambda requested: value_of(requested, model))
    fits = model.name in rule.ids or any(_pattern(name).fullmatch(model.name) for name in rule.names)
    return Answer(Truth.TRUE if fits else Truth.FALSE)


def _kept_out(keep_out: Iterable[KeepOut], model: PublicModel) -> Answer:
    answers = [_answer(rule, model) for rule in keep_out]
    if any(answer.truth is Truth.TRUE for answer in answers):
        return Answer(Truth.TRUE)
    missing: frozenset[str] = frozenset().union(*(answer.missing for answer in answers))
    is_unknown = any(answer.truth is Truth.UNKNOWN for answer in answers)
    return Answer(Truth.UNKNOWN if is_unknown else Truth.FALSE, missing)


def _is_tolerated(keep_out: Iterable[KeepOut], model: PublicModel) -> bool:
    """Tell whether every rule that may keep the model out says to let it in while that isn't known."""
    asking = (rule for rule in keep_out if _answer(rule, model).truth is Truth.UNKNOWN)
    return all(rule.unknown is Unknown.LET_IN for rule in asking)


def _lets_in(rule: Allow, answer: Answer) -> bool:
    return answer.truth is Truth.TRUE or (answer.truth is Truth.UNKNOWN and rule.unknown is Unknown.LET_IN)


def _reaches(version: str, minimum: str | None) -> bool:
    """Tell whether SageMaker takes the minimum: only one that is older than the latest version, or that lets all in."""
    return minimum in (None, ALL_VERSIONS) or number_of(version) > number_of(minimum or ALL_VERSIONS)


def _is_reviewed(letting_in: Iterable[Allow], model: PublicModel) -> bool:
    days = [rule.reviewed for rule in letting_in]
    return any(day is None or model.created.strftime("%Y-%m-%d") <= day for day in days)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, name.split("*"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curated:
    """What the rules make of the whole public hub: the models that belong in, each with its minimum, and the remarks.

    `missing` has the models by the field that isn't known of them. `unpublished` are ids in the rules that the public
    hub doesn't have, `idle` the rules that are about no model of it: either may be a typing error. `unread` are the
    models whose document has to be read before anything else here means something.
    """

    models: Mapping[str, str | None]
    remarks: Mapping[Remark, tuple[str, ...]]
    missing: Mapping[str, tuple[str, ...]]
    unpublished: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def curate_all(rules: HubRules, models: Iterable[PublicModel]) -> Curated:
    """Return what belongs into a hub."""
    seen = {model.name: model for model in models}
    verdicts = {name: curate(rules, model) for name, model in seen.items()}
    fields = {name: verdict.missing for name, verdict in verdicts.items() if Remark.UNKNOWN_FIELD in verdict.remarks}
    return Curated(
        models={name: verdict.minimum for name, verdict in sorted(verdicts.items()) if verdict.is_in},
        remarks={remark: of for remark in Remark if (of := _remarked(verdicts, remark))},
        missing={
            each: tuple(sorted(name for name, missing in fields.items() if each in missing))
            for each in sorted(set().union(*fields.values()))
        },
        unpublished=tuple(sorted({id_ for _, rule in _rules_of(rules) for id_ in rule.ids} - seen.keys())),
        idle=tuple(_idle(rules, seen.values())),
        unread=tuple(sorted(name for name, verdict in verdicts.items() if verdict.needs_document)),
    )


def _idle(rules: HubRules, models: Collection[PublicModel]) -> Iterator[str]:
    """Yield the rules by filter or pattern that say yes of no model."""
    for place, rule in _rules_of(rules):
        if not rule.ids and not any(_answer(rule, model).truth is Truth.TRUE for model in models):
            yield f"{place} ({rule.filter or ', '.join(rule.names)})"


def _rules_of(rules: HubRules) -> Iterator[tuple[str, Allow | KeepOut]]:
    """Yield all rules, each with its place in governance.toml."""
    yield from ((f"allow[{at}]", rule) for at, rule in enumerate(rules.allow))
    yield from ((f"keep_out[{at}]", rule) for at, rule in enumerate(rules.keep_out))


def _remarked(verdicts: Mapping[str, Verdict], remark: Remark) -> tuple[str, ...]:
    return tuple(sorted(name for name, verdict in verdicts.items() if remark in verdict.remarks))
