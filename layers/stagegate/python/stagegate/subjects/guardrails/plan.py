"""Plan a guardrail: what governance.toml says of it against what stands, in every account where it is or was."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from stagegate.aws.config import REPEATABLE
from stagegate.aws.sessions import limited_to
from stagegate.core.arns import Subject
from stagegate.core.errors import AccountClosedError, PermanentError
from stagegate.ledger.read import Recorded
from stagegate.plans.blindness import Unseen
from stagegate.plans.decision import Basis
from stagegate.plans.wording import Planned
from stagegate.rules.guardrails import Guardrail
from stagegate.rules.names import account_of_role, boundary_target, policy_arn, policy_name, scp_target
from stagegate.subjects import observe_accounts
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.guardrails import observe, observe_domains, observe_lockouts
from stagegate.subjects.guardrails.conflicts import assignments_on, has_domains
from stagegate.subjects.guardrails.decide import Observed, accounts_on_record, guardrail_plan
from stagegate.subjects.guardrails.messages import wording
from stagegate.subjects.guardrails.model import ObservedBoundaries, ObservedDomain
from stagegate.subjects.guardrails.observe_lockouts import lockouts
from stagegate.subjects.observe_accounts import explained

PERMISSIONS = observe.PERMISSIONS | observe_lockouts.PERMISSIONS | observe_accounts.PERMISSIONS
MEMBER_PERMISSIONS = observe.MEMBER_PERMISSIONS | observe_domains.PERMISSIONS | observe_lockouts.PERMISSIONS


def plan(planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest) -> Planned:
    """Return the plan for a guardrail, which always looks at everything: no event tells of what it is about.

    It looks where governance.toml has it, and where the record says that it stood or that a run has begun to put it. An
    account that can't be looked at keeps no other one without its guardrail; with nothing to do, its error is raised.
    """
    rules, view, prefix = planner.rules, recorded.view, planner.environment.prefix
    guardrail = next((each for each in rules.guardrails if each.name == subject.name), None)
    guarded = {*_accounts(guardrail), *accounts_on_record(view, boundary_target(""))}
    about = {domain.account for domain in guardrail.domains} if guardrail else set()
    about |= {account for account in guarded if has_domains(rules.guardrails, account)}
    unseen: dict[str, PermanentError] = {}
    domains: tuple[ObservedDomain, ...] = ()
    for account in sorted(about):
        try:
            domains = (*domains, *_domains(planner, subject, account))
        except PermanentError as error:
            unseen[account] = explained(planner, account, error)
    boundaries: dict[str, ObservedBoundaries] = {}
    for account in sorted(guarded - unseen.keys()):
        try:
            boundaries[account] = _boundaries(planner, subject, account, domains)
        except PermanentError as error:
            unseen[account] = explained(planner, account, error)
    by_scp = {
        *(guardrail.accounts if guardrail and guardrail.denies else ()),
        *accounts_on_record(view, scp_target("")),
    }
    observed = Observed(
        prefix=prefix,
        role_path=planner.environment.role_path,
        boundaries=boundaries,
        scp=observe.observe_scp(planner.organizations, by_scp, policy_name(prefix, subject.name)),
        domains=domains,
        unseen=unseen,
    )
    made = guardrail_plan(Basis(rules=rules, subject=subject, view=view, now=datetime.now(UTC)), observed)
    to_be_seen = {account: error for account, error in unseen.items() if not isinstance(error, AccountClosedError)}
    if to_be_seen and not made.decision.changes and not request.is_sweep:
        raise next(iter(to_be_seen.values()))
    looked_at = frozenset({*guarded, *about})
    made = replace(made, decision=replace(made.decision, unseen=_unseen(to_be_seen), looked_at=looked_at))
    return Planned(plan=made, wording=wording(made.decision))


def _unseen(errors: Mapping[str, PermanentError]) -> tuple[Unseen, ...]:
    """Return the accounts that could not be looked at. A guardrail only denies: nothing of it closes for that."""
    return tuple(
        Unseen(place=boundary_target(account), account=account, what=f"account {account}", error=error)
        for account, error in sorted(errors.items())
    )


def _accounts(guardrail: Guardrail | None) -> set[str]:
    """Return the accounts where roles have the guardrail as their boundary."""
    if guardrail is None or not guardrail.denies:
        return set()
    return {*map(account_of_role, guardrail.roles), *(domain.account for domain in guardrail.domains)}


def _boundaries(
    planner: Planner, subject: Subject, account: str, domains: tuple[ObservedDomain, ...]
) -> ObservedBoundaries:
    partition = subject.partition
    policy = policy_arn(planner.environment.prefix, subject.name, account, partition)
    assignments = assignments_on(planner.rules.guardrails, account, domains)
    roles = [name for name, (first, *_) in assignments.items() if first.guardrail == subject.name]
    limit = limited_to(observe.MEMBER_PERMISSIONS, [policy, f"arn:{partition}:iam::{account}:role/*"])
    session = planner.members.session(account, partition=partition, policy=limit)
    found = observe.observe_boundaries(session.client("iam", config=REPEATABLE), policy, roles)
    return replace(found, locked_out=lockouts(planner, subject, account, found.boundaries))


def _domains(planner: Planner, subject: Subject, account: str) -> tuple[ObservedDomain, ...]:
    # SageMaker has no resources for these lists.
    limit = limited_to(observe_domains.PERMISSIONS, "*")
    session = planner.members.session(account, partition=subject.partition, policy=limit)
    region = planner.environment.region
    return observe_domains.observe(session.client("sagemaker", region_name=region, config=REPEATABLE), account)
