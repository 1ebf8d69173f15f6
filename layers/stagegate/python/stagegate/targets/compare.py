"""A target's document as it stands, beside what everybody on record wants of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from stagegate.core.findings import Finding, warned
from stagegate.iam.diff import diff
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.render import BUCKET_POLICY, GROUP_POLICY, REPOSITORY_POLICY, Limit, render
from stagegate.iam.statements import Statement
from stagegate.targets.target import Surface, Target

LIMITS = {
    Surface.GROUP_POLICY: GROUP_POLICY,
    Surface.BUCKET_POLICY: BUCKET_POLICY,
    Surface.REPOSITORY_POLICY: REPOSITORY_POLICY,
}
"""The surfaces that are documents, and how large each may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen of a target: whether it is as everybody wants it, and in lines what would change and its size."""

    is_as_wanted: bool
    lines: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def sight_of_document(target: Target, existing: str | None, wanted: Iterable[Statement], mark: str) -> Sight:
    """Compare a policy document with all that is wanted of it, by this subject and by the others of the stack.

    Raises UnreadablePolicyError, StatementError and DocumentTooLargeError, as writing it would.
    """
    limit: Limit = LIMITS[target.surface]
    rendered = render(existing, wanted, limit, mark)
    dead = tuple(
        warned(
            "DeadPrincipal",
            f"Statement {found.statement} of {title(target)}, which isn't ours, names {found.id}: a principal that was"
            " deleted. AWS refuses every change of the document until somebody takes it out.",
        )
        for found in rendered.dead
    )
    lines = tuple(f"{title(target)}: {line}" for line in diff(existing, rendered))
    return Sight(is_as_wanted=not rendered.changed, lines=lines, findings=dead)


def sight_of_grants(
    target: Target, existing: Iterable[KeyUse], wanted: Iterable[KeyUse], odd: Iterable[str] = ()
) -> Sight:
    """Compare the uses that grants of ours give of a key with those that anybody wants there.

    `odd` are the ids of grants that carry our names and aren't as we make them, or are there twice: they go.
    """
    there, asked = set(existing), set(wanted)
    lines = [
        *(f"{title(target)}: - grant {id_}, which Stagegate didn't make so" for id_ in sorted(odd)),
        *(f"{title(target)}: - {use}" for use in sorted(there - asked)),
        *(f"{title(target)}: + {use}" for use in sorted(asked - there)),
    ]
    return Sight(is_as_wanted=not lines, lines=tuple(lines))


def title(target: Target) -> str:
    """Return what a person calls a target: `bucket model-artifacts of 222233334444`."""
    kinds = {
        Surface.GROUP_POLICY: "model package group",
        Surface.BUCKET_POLICY: "bucket",
        Surface.REPOSITORY_POLICY: "repository",
        Surface.KEY_GRANTS: "key",
        Surface.IMPORT_ROLE: "execution role",
        Surface.MODEL_IMPORT: "imported model",
    }
    name = target.name.rsplit("/", 1)[-1] if target.surface is Surface.KEY_GRANTS else target.name
    return f"{kinds[target.surface]} {name} of {target.account}"
