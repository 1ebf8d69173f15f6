"""A target as it stands, beside what everybody on record wants of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stagegate.core.errors import PermanentError
from stagegate.core.findings import Finding, warned
from stagegate.core.untrusted import word
from stagegate.iam.diff import diff
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.limits import BUCKET_POLICY, GROUP_POLICY, REPOSITORY_POLICY, Limit
from stagegate.iam.render import render
from stagegate.iam.statements import Statement
from stagegate.targets.execution_role import ExecutionRole
from stagegate.targets.hub_content import PACKAGE, HubContent
from stagegate.targets.model_import import ModelImport
from stagegate.targets.target import Target, TargetType, title

LIMITS = {
    TargetType.GROUP_POLICY: GROUP_POLICY,
    TargetType.BUCKET_POLICY: BUCKET_POLICY,
    TargetType.REPOSITORY_POLICY: REPOSITORY_POLICY,
}
"""The targets that are documents, and how large each may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDiff:
    """What was seen of a target: whether it is as everybody wants it, and in lines what would change and its size; or
    that its account is closed, so that nothing of it is open.
    """

    in_sync: bool
    lines: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unseen: PermanentError | None = None
    account_closed: bool = False


def diff_of_document(target: Target, existing: str | None, wanted: Iterable[Statement], sid_prefix: str) -> TargetDiff:
    """Compare a policy document with all that is wanted of it, by this subject and by the others of the stack.

    Raises UnreadablePolicyError, StatementError and DocumentTooLargeError, as writing it would.
    """
    limit: Limit = LIMITS[target.type]
    rendered = render(existing, wanted, limit, sid_prefix)
    dead = tuple(
        warned(
            "DeadPrincipal",
            f"Statement {word(found.statement)} of {title(target)}, which isn't ours, names {word(found.id)}: a"
            " principal that was deleted. AWS refuses every change of the document until somebody takes it out.",
        )
        for found in rendered.dead
    )
    lines = tuple(f"{title(target)}: {line}" for line in diff(existing, rendered, target.partition))
    return TargetDiff(in_sync=not rendered.changed, lines=lines, findings=dead)


def diff_of_grants(
    target: Target, existing: Iterable[KeyUse], wanted: Iterable[KeyUse], odd: Iterable[str] = ()
) -> TargetDiff:
    """Compare the uses that grants of ours give of a key with those that anybody wants there.

    `odd` are the ids of grants that carry our names and aren't as we make them, or are there twice: they go.
    """
    there, requested = set(existing), set(wanted)
    lines = [
        *(f"{title(target)}: - grant {word(id_)}, which Stagegate didn't make so" for id_ in sorted(odd)),
        *(f"{title(target)}: - {use}" for use in sorted(there - requested)),
        *(f"{title(target)}: + {use}" for use in sorted(requested - there)),
    ]
    return TargetDiff(in_sync=not lines, lines=tuple(lines))


def diff_of_role(target: Target, found: tuple[str, str] | None, wanted: ExecutionRole | None) -> TargetDiff:
    """Compare a role's trust and permissions, None where there is no such role."""
    requested = (wanted.trust(), wanted.permissions()) if wanted else None
    return _target_diff(target, found, requested)


def diff_of_model(
    target: Target, found: str | None, wanted: ModelImport | None, *, is_recorded: bool, is_marked: bool
) -> TargetDiff:
    """Compare the content that a package's model was made of, by its tag; None where the package has no such model.

    One that is known by the record and isn't marked as the package's, or doesn't say its content, has lost its tags.
    One that is there and not on record is left of a run that has died: it is asked for again, so that a run sees its
    end, for those who are to be told, and for the versions that it replaces.
    """
    if wanted and is_recorded and not (is_marked and found):
        return _differs(target, "~ somebody has taken off tags of ours, by which its consumers find it")
    if wanted and found == wanted.content and not is_recorded:
        return _differs(target, "~ it is there, and no run has put it on record")
    return _target_diff(target, found, wanted.content if wanted else None)


def diff_of_content(
    target: Target, found: Mapping[str, object] | None, wanted: HubContent | None, *, is_live: bool
) -> TargetDiff:
    """Compare the document of a package's content in a hub, None where the package has none there."""
    if found is not None and wanted and not (is_live and wanted.is_in(found)):
        line = "~ it says something else" if is_live else "~ SageMaker couldn't import it, or is deleting it"
        return _differs(target, line)
    return _target_diff(target, found and PACKAGE, wanted and PACKAGE)


def _target_diff(target: Target, found: object, wanted: object) -> TargetDiff:
    if found == wanted:
        return TargetDiff(in_sync=True)
    if found is None:
        line = "+ it isn't there"
    else:
        line = "- it is there" if wanted is None else "~ it is another than was approved"
    return _differs(target, line)


def _differs(target: Target, line: str) -> TargetDiff:
    return TargetDiff(in_sync=False, lines=(f"{title(target)}: {line}",))
