"""The plan for a guardrail: what is put on or switched off, then what is taken off or switched on."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from stagegate.core.errors import AccountClosedError, AccountLeftError, PermanentError
from stagegate.core.findings import Finding, blocked, warned
from stagegate.plans.decision import WITHDRAWN, Basis, Decision
from stagegate.plans.grants import Grant, View
from stagegate.plans.plan import Plan, conclude
from stagegate.rules.guardrails import Guardrail, GuardrailKind
from stagegate.rules.names import boundary_target, scp_target, sync_roles
from stagegate.subjects.guardrails.conflicts import assignments_on
from stagegate.subjects.guardrails.decide_boundaries import BoundaryPlan, Place, plan_boundaries
from stagegate.subjects.guardrails.decide_canvas import canvas_findings, settings_to_change
from stagegate.subjects.guardrails.decide_scps import ScpPlan, plan_scp
from stagegate.subjects.guardrails.denials.documents import document_of, limit_of
from stagegate.subjects.guardrails.model import ObservedBoundaries, ObservedDomain, ObservedScp
from stagegate.subjects.guardrails.warnings import ways_round

ACTIVE = "Active"
"""What a guardrail's status is called: whether governance.toml has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that a guardrail's plan looks at: by account its boundaries, its service control policy, and the domains.
    `prefix` starts the names of all that is Stagegate's, and its roles stand at `role_path`. `unseen` are the accounts
    that could not be looked at, each with why: there everything stays as it is on record.
    """

    prefix: str
    role_path: str = "/"
    boundaries: Mapping[str, ObservedBoundaries] = field(default_factory=dict)
    scp: ObservedScp = field(default=ObservedScp())
    domains: tuple[ObservedDomain, ...] = ()
    unseen: Mapping[str, PermanentError] = field(default_factory=dict)


def accounts_on_record(view: View, target: str) -> tuple[str, ...]:
    """Return the accounts where a guardrail stood, or a run has begun to put it; `target` is a `*_target("")`."""
    found = {*(grant.target for grant in view.grants), *view.written}
    return tuple(sorted(each.removeprefix(target) for each in found if each.startswith(target)))


def guardrail_plan(basis: Basis, seen: Observed) -> Plan:
    """Return the plan for a guardrail from one observation of `seen.boundaries`' accounts, and of all by SCP."""
    rules, subject, written, prefix = basis.rules, basis.subject, basis.view.written, seen.prefix
    guardrail = next((each for each in rules.guardrails if each.name == subject.name), None)
    exempt: Collection[str] = ()
    if guardrail and subject.account in guardrail.accounts:
        exempt = sync_roles(prefix, subject.account, subject.partition, seen.role_path)
    document = document_of(guardrail, subject.partition, exempt) if guardrail and guardrail.denies else None
    boundaries = {
        account: plan_boundaries(
            Place(guardrail=subject.name, account=account, partition=subject.partition, prefix=prefix),
            document if guardrail and guardrail.by is GuardrailKind.BOUNDARY else None,
            assignments_on(rules.guardrails, account, seen.domains),
            found,
            marked=boundary_target(account) in written,
        )
        for account, found in seen.boundaries.items()
    }
    scp = plan_scp(
        subject.name,
        document if guardrail and guardrail.by is GuardrailKind.SCP else None,
        guardrail.accounts if guardrail else (),
        [account for account in seen.scp.attached if scp_target(account) in written],
        rules.guardrails,
        seen.scp,
        prefix,
    )
    of_ours = tuple(domain for domain in seen.domains if guardrail and _is_about(guardrail, domain))
    settings = settings_to_change(guardrail, of_ours, subject.partition) if guardrail else ()
    decision = Decision(
        subject=subject,
        status=ACTIVE if guardrail else WITHDRAWN,
        changes=(
            *(change for each in boundaries.values() for change in each.raises),
            *scp.raises,
            *(change for change in settings if change.closes),
            *(change for each in boundaries.values() for change in each.lowers),
            *scp.lowers,
            *(change for change in settings if not change.closes),
        ),
        grants=(*_grants(basis, document or "", boundaries, scp), *_as_recorded(basis, seen)),
        findings=(
            *(finding for each in boundaries.values() for finding in each.findings),
            *scp.findings,
            *(_about_account(each, error) for each, error in sorted(seen.unseen.items())),
            *(_about_rules(guardrail, of_ours, seen.unseen) if guardrail else _not_in_rules(basis)),
        ),
        documents=_lines(guardrail, document, boundaries, scp),
    )
    made = conclude(basis, decision)
    # What a sweep asks before it does much of is taking away: a guardrail that goes up does, one that comes down gives.
    counted = replace(made.grant_counts, closes=made.grant_counts.opens, opens=made.grant_counts.closes)
    return replace(made, grant_counts=counted)


def _is_about(guardrail: Guardrail, domain: ObservedDomain) -> bool:
    return any(rule.fits(domain.account, domain.id) for rule in guardrail.domains)


def _as_recorded(basis: Basis, seen: Observed) -> Iterable[Grant]:
    """Yield the grants of accounts that could not be looked at."""
    unseen = {boundary_target(account) for account in seen.unseen}
    return (grant for grant in basis.view.grants if grant.target in unseen)


def _about_account(account: str, error: PermanentError) -> Finding:
    match error:
        case AccountClosedError():
            return blocked("AccountClosed", str(error))
        case AccountLeftError():
            return blocked("AccountLeft", str(error))
        case _:
            return blocked("AccountUnseen", f"Account {account}: {error}")


def _about_rules(
    guardrail: Guardrail, domains: Iterable[ObservedDomain], unseen: Collection[str]
) -> tuple[Finding, ...]:
    found = tuple(domains)
    missing = tuple(
        blocked(
            "DomainMissing", f"Account {rule.account} has {f'no domain {rule.id}' if rule.id else 'no domain'} here."
        )
        for rule in guardrail.domains
        if rule.account not in unseen and not any(rule.fits(domain.account, domain.id) for domain in found)
    )
    return (*missing, *canvas_findings(guardrail, found), *ways_round(guardrail))


def _not_in_rules(basis: Basis) -> tuple[Finding, ...]:
    if basis.rules.is_withdrawn:
        return ()
    name = basis.subject.name
    return (warned("NotInRules", f"governance.toml has no guardrail {name}: nothing of it is to stand."),)


def _grants(basis: Basis, document: str, boundaries: Mapping[str, BoundaryPlan], scp: ScpPlan) -> tuple[Grant, ...]:
    """Return a grant for each account that the guardrail is on. `digest` stands for what it says and for its roles."""
    stands = {
        **{boundary_target(account): (account, each.covers) for account, each in boundaries.items() if each.covers},
        **{scp_target(account): (account, ()) for account in scp.covers},
    }
    grants = []
    for target, (account, roles) in sorted(stands.items()):
        digest = hashlib.sha256("\n".join((document, *roles)).encode()).hexdigest()[:16]
        before = next((each for each in basis.view.grants if (each.target, each.digest) == (target, digest)), None)
        grants.append(
            Grant(
                stage=basis.subject.name,
                accounts=(account,),
                write=False,
                permission=target.split("/", 1)[0],
                since=before.since if before else basis.now,
                target=target,
                digest=digest,
            )
        )
    return tuple(grants)


def _lines(
    guardrail: Guardrail | None, document: str | None, boundaries: Mapping[str, BoundaryPlan], scp: ScpPlan
) -> tuple[str, ...]:
    if guardrail is None or document is None:
        return ()
    size = f"{len(document.encode())} of {limit_of(guardrail.by)} bytes"
    on = [
        f"the boundary of {', '.join(each.covers)} in {account}: {size}"
        for account, each in sorted(boundaries.items())
        if each.covers
    ]
    if scp.covers:
        on.append(f"the service control policy of {', '.join(scp.covers)}: {size}")
    if any(each.raises for each in boundaries.values()) or scp.raises:
        on += ["what it says:", *json.dumps(json.loads(document), indent=2).splitlines()]
    return tuple(on)
