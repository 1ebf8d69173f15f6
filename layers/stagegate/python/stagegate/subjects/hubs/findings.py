"""What somebody should hear of a hub: what keeps a sync from going on, and what is odd about its models."""

from collections.abc import Collection, Iterator

from stagegate.core.arns import Subject
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.sentences import named
from stagegate.core.untrusted import word
from stagegate.rules.hubs import Doubtful, HubRules
from stagegate.subjects.hubs.curate import Curated, Remark
from stagegate.surfaces.hub_contents.changes import Difference, ObservedHub
from stagegate.surfaces.shares.changes import ObservedShares, foreign_shares

_WHAT = {
    Remark.UNKNOWN_FIELD: "A rule asks what neither the listing nor the document says of {}.",
    Remark.DEPRECATED: "The public hub calls these deprecated, and the rules {}: {}.",
    Remark.RESTRICTED: "The public hub calls these restricted, and the rules {}: {}.",
    Remark.NAME_TOO_LONG: "A reference can't have a name longer than 63 characters, so these stay out: {}.",
    Remark.BELOW_MINIMUM: (
        "SageMaker takes a minimum only if the latest version is newer, and that of these isn't, so they stay out: {}."
    ),
    Remark.NOT_REVIEWED: (
        "The latest version was published after the day that the rules call reviewed, so these stay out until somebody"
        " has looked at them and raised the day: {}. Before this run a reference may have offered it already."
    ),
    Remark.GONE: "The public hub has these no longer, and the rules {}: {}.",
}


def not_ours(subject: Subject) -> Finding:
    """A hub of that name belongs to somebody else."""
    return blocked(
        "HubNotOurs",
        f"There is a hub {subject.name} that Stagegate hasn't made. Nothing in it is changed. Let it be taken over with"
        " adopt = true, which removes every reference that the rules don't let in; or give ours another name.",
    )


def kept(subject: Subject) -> Finding:
    """A hub stays that may be somebody else's, or has contents that are."""
    return warned(
        "HubKept",
        f"Hub {subject.name} stays, with what in it isn't a reference: somebody else has made it, or it has contents"
        " that Stagegate hasn't put there. Its owner deletes it.",
    )


def too_many(hub: HubRules, whole: Difference, held: int) -> Finding | None:
    """Return the finding that stops a sync. A reference that is made again isn't one that is removed."""
    leaving = set(whole.remove) - {name for name, _ in whole.add}
    if not held or len(leaving) * 100 <= hub.most_removed_percent * held:
        return None
    return blocked(
        "TooManyRemovals",
        f"{len(leaving)} of the hub's {held} models would be removed, more than {hub.most_removed_percent}%:"
        f" {named(sorted(leaving))}. No reference was changed. If that is meant, start a run by hand with"
        ' "force": true.',
    )


def remarks(hub: HubRules, curated: Curated, gone: Collection[str]) -> tuple[Finding, ...]:
    """Return a finding for each remark that there is, with the first few of the models it is about."""
    does = {
        Remark.DEPRECATED: hub.deprecated,
        Remark.RESTRICTED: hub.restricted,
        Remark.GONE: hub.gone,
    }
    found = {**curated.remarks, **({Remark.GONE: tuple(gone)} if gone else {})}
    findings = []
    for remark, names in found.items():
        if remark is Remark.UNKNOWN_FIELD:
            fields = "; ".join(f"{each}: {named(models)}" for each, models in curated.missing.items())
            text = _WHAT[remark].format(f"{len(names)} models ({fields})")
        elif remark in does:
            do = "leave them out" if does[remark] is Doubtful.DROP else "let them in"
            text = _WHAT[remark].format(do, named(names))
        else:
            text = _WHAT[remark].format(named(names))
        findings.append(warned(remark.value, text))
    return (*findings, *_about_nothing(curated))


def _about_nothing(curated: Curated) -> Iterator[Finding]:
    if curated.unpublished:
        text = f"The rules name models that the public hub doesn't have: {named(curated.unpublished)}."
        yield warned("ModelNotPublished", text)
    if curated.idle:
        text = f"These rules are about no model of the public hub: {named(curated.idle)}. Is one of them misspelled?"
        yield warned("RuleWithoutModels", text)


def others(entry: HubRules, observed: ObservedHub | None) -> tuple[Finding, ...]:
    """Return the finding about contents that somebody else has put there and no rule lets stay, if there are any."""
    left = [each for each in (observed.others if observed else ()) if not entry.lets_stay(each.type, each.name)]
    if not left:
        return ()
    names = [f"{word(content.type)} {word(content.name)}" for content in left]
    detail = (
        f"The hub also holds what somebody has put into it: {named(names)}. Whoever may use the hub may use that too."
        " Stagegate doesn't delete it: only a hub that is torn down loses what others have put there. Let it stay"
        " unreported with stays."
    )
    return (warned("ForeignContent", detail),)


def foreign(shares: ObservedShares) -> tuple[Finding, ...]:
    """Return the finding about shares of the hub that Stagegate hasn't made, if there are any."""
    found = foreign_shares(shares)
    if not found:
        return ()
    detail = f"The hub is also in {named([*map(word, found)])}, which Stagegate didn't make and leaves alone."
    return (warned("ForeignShare", detail),)
