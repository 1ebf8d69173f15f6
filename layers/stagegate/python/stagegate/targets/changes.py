"""What a stage is to have on a target, and the changes that take a subject there."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from stagegate.approvals.records import ChangeRecord
from stagegate.core.arns import Subject
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import Statement, content_of
from stagegate.plans.grants import Grant, View
from stagegate.rules.model import Stage
from stagegate.surfaces.fences.model import is_fence
from stagegate.targets.compare import Sight
from stagegate.targets.desired import digest_of, wish_of
from stagegate.targets.execution_role import ExecutionRole
from stagegate.targets.model_import import ModelImport
from stagegate.targets.target import CloseTarget, OpenTarget, Surface, Target, target_of

_OPENING = (
    Surface.IMPORT_ROLE,
    Surface.KEY_GRANTS,
    Surface.BUCKET_POLICY,
    Surface.REPOSITORY_POLICY,
    Surface.GROUP_POLICY,
    Surface.MODEL_IMPORT,
)
"""What the subject needs comes before the subject, and goes after it: who can see it can also use it. A role has to be
there before a grant can name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What one stage is to have on one target: statements of its document, uses of a key, a role, or a model.

    `permission` is what its grant is called on record.
    """

    stage: str
    target: Target
    statements: tuple[Statement, ...] = ()
    uses: tuple[KeyUse, ...] = ()
    role: ExecutionRole | None = None
    model: ModelImport | None = None
    permission: str = "deploy"

    @property
    def digest(self) -> str:
        """The same for the same access: what is on record is compared by it."""
        said = [sorted(content_of(statement) for statement in self.statements), sorted(map(str, self.uses))]
        said += [[part.said] for part in (self.role, self.model) if part]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def targets_of(subject: Subject, wants: Iterable[Want], view: View) -> tuple[Target, ...]:
    """Return every target that the subject wants something of, has on record, or may have something on, but fences:
    these go by the rules and what stands (`fencing`).
    """
    ids = {
        *(id_ for id_ in view.written if not is_fence(id_)),
        *(grant.target for grant in view.grants if grant.target),
    }
    recorded = (target_of(id_, subject.partition) for id_ in sorted(ids))
    found = {target.id: target for target in (*recorded, *(want.target for want in wants))}
    return tuple(found[name] for name in sorted(found))


def open_target(subject: Subject, target: Target, wants: Iterable[Want]) -> OpenTarget:
    """Return the change that makes these wants everything that the subject has on the target."""
    mine = [want for want in wants if want.target == target]
    return OpenTarget(
        subject_arn=subject.arn,
        target=target,
        statements=tuple(dict.fromkeys(statement for want in mine for statement in want.statements)),
        uses=tuple(sorted({use for want in mine for use in want.uses})),
        role=next((want.role for want in mine if want.role), None),
        model=next((want.model for want in mine if want.model), None),
    )


def target_changes(
    subject: Subject,
    wants: Collection[Want],
    view: View,
    seen: Mapping[str, Sight] | None,
    kept: Collection[str] = (),
) -> tuple[list[OpenTarget | CloseTarget], list[OpenTarget]]:
    """Return what closes or gets less, and what opens, each in the order in which it has to be done.

    `seen` has every target of `targets_of` by its id; without it the record is gone by. `kept` are the ids of roles and
    models that stay when they aren't wanted any more.
    """
    closes: list[OpenTarget | CloseTarget] = []
    opens: list[OpenTarget] = []
    for target in targets_of(subject, wants, view):
        wanted = {(want.stage, want.digest) for want in wants if want.target == target}
        recorded = {(grant.stage, grant.digest) for grant in view.grants if grant.target == target.id}
        is_there = seen is None or seen[target.id].is_as_wanted
        # A run that failed half-way has opened what it never recorded, or closed what is on record still.
        change = open_target(subject, target, wants)
        stands, wished = view.written.get(target.id), digest_of(wish_of(change))
        is_more = bool(stands) and stands != wished and wanted == recorded
        if not wanted:
            closes.append(CloseTarget(subject_arn=subject.arn, target=target, keep=target.id in kept))
        elif recorded - wanted or is_more:
            closes.append(change)
        elif wanted - recorded or not is_there or stands != wished:
            opens.append(change)
    opens.sort(key=lambda change: _OPENING.index(change.target.surface))
    closes.sort(key=lambda change: -_OPENING.index(change.target.surface))
    return closes, opens


def grant_of(
    want: Want,
    stage: Stage,
    approval: ChangeRecord | None,
    view: View,
    *,
    permission: str,
    write: bool = False,
    now: datetime,
) -> Grant:
    """Return what goes on record of a want: open since `now`, or since the same was there first."""
    before = next(
        (g for g in view.grants if (g.stage, g.target, g.digest) == (want.stage, want.target.id, want.digest)), None
    )
    return Grant(
        stage=stage.name,
        accounts=stage.accounts,
        write=write,
        permission=permission,
        since=before.since if before else now,
        approval=approval.id if approval else None,
        approved_by=str(approval or ""),
        target=want.target.id,
        digest=want.digest,
    )
