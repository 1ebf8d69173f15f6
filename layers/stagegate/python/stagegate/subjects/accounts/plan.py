"""Plan an account: shares, fences, statements and grants of ours in it that no subject wants."""

from datetime import UTC, datetime

from stagegate.core.arns import Subject
from stagegate.core.errors import AccountClosedError, AccountLeftError, PermanentError
from stagegate.ledger.read import Recorded
from stagegate.plans.blindness import Unseen
from stagegate.plans.decision import Basis
from stagegate.plans.wording import Planned
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import accounts_everywhere
from stagegate.subjects import observe_accounts, observe_targets
from stagegate.subjects.accounts import observe_import_roles
from stagegate.subjects.accounts.decide import account_plan
from stagegate.subjects.accounts.hosting import hosts, keeps_roles
from stagegate.subjects.accounts.messages import wording
from stagegate.subjects.accounts.model import Observed
from stagegate.subjects.accounts.named import named_targets
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.observe_accounts import explained
from stagegate.surfaces.fences import observe as observe_fences
from stagegate.surfaces.fences.model import Fence, ObservedFence, fence_of
from stagegate.surfaces.shares import observe_held
from stagegate.targets.fences import fence_target
from stagegate.targets.target import TargetType

PERMISSIONS = (
    observe_held.PERMISSIONS
    | observe_fences.PERMISSIONS
    | observe_targets.PERMISSIONS
    | observe_accounts.PERMISSIONS
    | observe_import_roles.PERMISSIONS
)
MEMBER_PERMISSIONS = (
    observe_fences.MEMBER_PERMISSIONS | observe_targets.MEMBER_PERMISSIONS | observe_import_roles.MEMBER_PERMISSIONS
)


def plan(planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest) -> Planned:
    """Return the plan for an account, which always looks at everything: no event tells of what lies there.

    What of it can't be looked at keeps nothing else from going; with nothing to do, its error is raised.
    """
    rules, account = planner.rules, subject.name
    fence = _fence(rules, account)
    standing = _standing(planner, subject, fence)
    is_fenced = account in accounts_everywhere(rules)
    owns_shares = account == planner.environment.account
    reads_shares = (rules.is_withdrawn and owns_shares) or (
        standing.document is not None and (rules.is_withdrawn or not is_fenced)
    )
    targets = tuple(named_targets(rules, account, region=subject.region, partition=subject.partition))
    roles, roles_unseen = _lost_roles(planner, subject, is_entered=bool(targets))
    observed = Observed(
        fence=fence,
        standing=standing,
        is_fenced=is_fenced,
        shares=observe_held.held(planner.ram, planner.environment.prefix) if reads_shares else (),
        owns_shares=owns_shares,
        targets=targets,
        seen=observe_targets.look_at(planner, subject, targets),
        lost_roles=roles,
        roles_unseen=roles_unseen,
    )
    basis = Basis(rules=rules, subject=subject, view=recorded.view, now=datetime.now(UTC), sweep=request.sweep)
    unseen = _unseen(observed, subject.partition)
    is_entered = bool(targets) or bool(fence.roles) or account in hosts(rules)
    made = account_plan(basis, observed, unseen, frozenset({account} if is_entered else ()))
    observe_targets.closes_at_least(made.decision.changes, unseen, is_sweep=request.is_sweep)
    return Planned(plan=made, wording=wording(account))


def _fence(rules: Rules, account: str) -> Fence:
    """Return the account's fence. One that no stage has any more can only be a policy of the organization: the rules
    named the roles of a boundary.
    """
    if account in accounts_everywhere(rules) or rules.organization.id is None:
        return fence_of(rules, account)
    return Fence(account=account, kind=FenceKind.SCP)


def _standing(planner: Planner, subject: Subject, fence: Fence) -> ObservedFence:
    prefix = planner.environment.prefix
    try:
        if fence.kind is FenceKind.SCP:
            return observe_fences.observe_scp(planner.organizations, fence, prefix)
        if not fence.roles:
            return ObservedFence(account=fence.account)
        return observe_fences.observe_boundary(planner.members, fence, prefix, subject.partition)
    except PermanentError as error:
        why = explained(planner, fence.account, error)
        if fence.kind is FenceKind.SCP and isinstance(why, AccountLeftError):  # no policy of the organization is on it
            return ObservedFence(account=fence.account)
        return ObservedFence(account=fence.account, unseen=why)


def _lost_roles(
    planner: Planner, subject: Subject, *, is_entered: bool
) -> tuple[tuple[str, ...], PermanentError | None]:
    """Return roles of imports that no package wants, or why nobody could look for them: in the accounts that models are
    imported into, and in those that are entered anyway. Others have no member stack, perhaps.
    """
    rules, account = planner.rules, subject.name
    if keeps_roles(rules, account) or not (is_entered or account in hosts(rules)):
        return (), None
    try:
        return observe_import_roles.lost_roles(planner, subject), None
    except PermanentError as error:
        why = explained(planner, account, error)
        return (), None if isinstance(why, AccountClosedError) else why


def _unseen(observed: Observed, partition: str) -> tuple[Unseen, ...]:
    fence = observed.standing
    of_fence = (
        Unseen(
            place=fence_target(fence.account),
            account=fence.account,
            what=f"the fence of account {fence.account}",
            error=fence.unseen,
        )
        if fence.unseen and not fence.is_closed
        else None
    )
    of_roles = (
        Unseen(
            place=f"{TargetType.IMPORT_ROLE}/{fence.account}",
            account=fence.account,
            what=f"the roles of imports in account {fence.account}",
            error=observed.roles_unseen,
        )
        if observed.roles_unseen
        else None
    )
    return (*(each for each in (of_fence, of_roles) if each), *observe_targets.unseen_of(observed.seen, partition))
