"""What a stage is to have on a target, and the changes that take a subject there."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from stagegate.approvals.entitlement import Entitlement
from stagegate.core.arns import Subject
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import Statement, content_of
from stagegate.plans.grants import Grant, View
from stagegate.rules.model import Stage
from stagegate.targets.compare import TargetDiff
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.execution_role import ExecutionRole
from stagegate.targets.fences import is_fence
from stagegate.targets.hub_content import HubContent
from stagegate.targets.model_import import ModelImport
from stagegate.targets.target import ACCOUNT_CLOSED, CloseTarget, OpenTarget, Target, TargetType, target_of

_OPENING = (
    TargetType.IMPORT_ROLE,
    TargetType.KEY_GRANTS,
    TargetType.BUCKET_POLICY,
    TargetType.REPOSITORY_POLICY,
    TargetType.GROUP_POLICY,
    TargetType.MODEL_IMPORT,
    TargetType.HUB_CONTENT,
)
"""What the subject needs comes before the subject, and goes after it: who can see it can also use it. A role has to be
there before a grant can name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredGrant:
    """What one stage is to have on one target: statements of its document, uses of a key, a role, a model, or the
    content of a hub.

    `permission` is what its grant is called on record.
    """

    stage: str
    target: Target
    statements: tuple[Statement, ...] = ()
    uses: tuple[KeyUse, ...] = ()
    role: ExecutionRole | None = None
    model: ModelImport | None = None
    content: HubContent | None = None
    permission: str = "deploy"

    @property
    def digest(self) -> str:
        """The same for the same access: what is on record is compared by it."""
        said = [sorted(content_of(statement) for statement in self.statements), sorted(map(str, self.uses))]
        said += [[part.said] for part in (self.role, self.model, self.content) if part]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def targets_of(subject: Subject, desired: Iterable[DesiredGrant], view: View) -> tuple[Target, ...]:
    """Return every target that the subject wants something of, has on record, or may have something on, but fences:
    these go by the rules and what stands (surfaces/fences/changes.py).
    """
    ids = {
        *(id_ for id_ in view.written if not is_fence(id_)),
        *(grant.target for grant in view.grants if grant.target),
    }
    recorded = (target_of(id_, subject.partition) for id_ in sorted(ids))
    found = {target.id: target for target in (*recorded, *(desired_grant.target for desired_grant in desired))}
    return tuple(found[name] for name in sorted(found))


def open_target(subject: Subject, target: Target, desired: Iterable[DesiredGrant]) -> OpenTarget:
    """Return the change that makes these wants everything that the subject has on the target."""
    mine = [desired_grant for desired_grant in desired if desired_grant.target == target]
    return OpenTarget(
        subject_arn=subject.arn,
        target=target,
        statements=tuple(dict.fromkeys(statement for desired_grant in mine for statement in desired_grant.statements)),
        uses=tuple(sorted({use for desired_grant in mine for use in desired_grant.uses})),
        role=next((desired_grant.role for desired_grant in mine if desired_grant.role), None),
        model=next((desired_grant.model for desired_grant in mine if desired_grant.model), None),
        content=next((desired_grant.content for desired_grant in mine if desired_grant.content), None),
    )


def target_changes(
    subject: Subject,
    desired: Collection[DesiredGrant],
    view: View,
    seen: Mapping[str, TargetDiff] | None,
    kept: Collection[str] = (),
) -> tuple[list[OpenTarget | CloseTarget], list[OpenTarget]]:
    """Return what closes or gets less, and what opens, each in the order in which it has to be done.

    `seen` has every target of `targets_of` by its id; without it, and where one is unseen, the record is gone by.
    `kept` are the ids of roles and models that stay when they aren't wanted any more.
    """
    closes: list[OpenTarget | CloseTarget] = []
    opens: list[OpenTarget] = []
    for target in targets_of(subject, desired, view):
        wanted = {
            (desired_grant.stage, desired_grant.digest) for desired_grant in desired if desired_grant.target == target
        }
        recorded = {(grant.stage, grant.digest) for grant in view.grants if grant.target == target.id}
        is_there = seen is None or seen[target.id].in_sync or seen[target.id].unseen is not None
        # A run that failed half-way has opened what it never recorded, or closed what is on record still.
        change = open_target(subject, target, desired)
        stands, desired_digest = view.written.get(target.id), digest_of(desired_text_of(change))
        is_more = bool(stands) and stands != desired_digest and wanted == recorded
        if not wanted and _is_closed_with_account(target, view, seen):
            continue
        if not wanted:
            is_closed = seen is not None and seen[target.id].account_closed
            close = CloseTarget(
                subject_arn=subject.arn, target=target, keep=target.id in kept, account_closed=is_closed
            )
            closes.append(close)
        elif recorded - wanted or is_more:
            closes.append(replace(change, closes=True))
        elif wanted - recorded or not is_there or stands != desired_digest:
            opens.append(change)
    opens.sort(key=lambda change: _OPENING.index(change.target.type))
    closes.sort(key=lambda change: -_OPENING.index(change.target.type))
    return closes, opens


def _is_closed_with_account(target: Target, view: View, seen: Mapping[str, TargetDiff] | None) -> bool:
    """Tell whether what the subject had on a target is closed on record, and nobody can enter its account yet."""
    if view.written.get(target.id) != ACCOUNT_CLOSED or any(grant.target == target.id for grant in view.grants):
        return False
    return seen is None or seen[target.id].account_closed


def notes_of(subject: Subject, desired: Collection[DesiredGrant]) -> dict[str, str]:
    """Return what the ledger notes as written (`View.written`) of each target once these wants are carried out."""
    targets = {desired_grant.target for desired_grant in desired}
    return {target.id: digest_of(desired_text_of(open_target(subject, target, desired))) for target in targets}


def grant_of(
    desired_grant: DesiredGrant,
    stage: Stage,
    entitlement: Entitlement | None,
    view: View,
    *,
    permission: str,
    write: bool = False,
    now: datetime,
    audience: str = "",
) -> Grant:
    """Return what goes on record of a want, for an audience: open since `now`, or since the same was there first."""
    before = next(
        (
            g
            for g in view.grants
            if (g.stage, g.target, g.digest) == (desired_grant.stage, desired_grant.target.id, desired_grant.digest)
        ),
        None,
    )
    return Grant(
        stage=stage.name,
        accounts=stage.accounts,
        write=write,
        permission=permission,
        since=before.since if before else now,
        approval=entitlement.approval_id if entitlement else None,
        approved_by=entitlement.approved_by if entitlement else "",
        target=desired_grant.target.id,
        digest=desired_grant.digest,
        audience=audience,
    )
