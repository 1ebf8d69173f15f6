"""Plan a model package: its approval against what is recorded, and in a full scope against every document and key."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.questions import Asked, is_set_since, last_of
from stagegate.approvals.records import AuditRecord
from stagegate.approvals.status_history import with_status_history
from stagegate.core.arns import Subject
from stagegate.core.card_link import CardLink
from stagegate.core.errors import PermanentError
from stagegate.core.findings import Finding, Severity, warned
from stagegate.core.spelling import other_spelling
from stagegate.ledger import read
from stagegate.ledger.read import Recorded
from stagegate.links.asked import link_of
from stagegate.links.following import followed
from stagegate.links.link import Link
from stagegate.links.measured import measured
from stagegate.plans.blindness import Unseen
from stagegate.plans.decision import Basis
from stagegate.plans.grants import open_stages
from stagegate.plans.mode import ReadScope
from stagegate.plans.wording import Planned
from stagegate.rules.narrowed.members import accounts_of
from stagegate.subjects import observe_gone, observe_membership, observe_roles, observe_standing, observe_targets
from stagegate.subjects.basis import basis_of
from stagegate.subjects.context import Planner, PlanRequest
from stagegate.subjects.observe_membership import ApproverAccounts
from stagegate.subjects.observe_roles import look_up, role_findings
from stagegate.subjects.observe_standing import standing
from stagegate.subjects.packages import artifact_reader, observe
from stagegate.subjects.packages.artifact_findings import artifact_blockers
from stagegate.subjects.packages.artifact_reader import ArtifactReader
from stagegate.subjects.packages.artifacts import Artifacts
from stagegate.subjects.packages.blockers import reach_blockers, remarks
from stagegate.subjects.packages.decide import Observed, as_far_as_seen, package_plan
from stagegate.subjects.packages.entitle import entitle_package, lets_in
from stagegate.subjects.packages.grants import deploying, desired_grants, roles_named
from stagegate.subjects.packages.messages import ApprovedLast, wording
from stagegate.subjects.packages.model import Package, approved_environment
from stagegate.subjects.packages.questions.question import question_of
from stagegate.subjects.packages.questions.unasked import card_not_asked, with_card_not_asked
from stagegate.targets.refusals import stages_blocked, without
from stagegate.targets.use import Use, use_in

_VERSIONS_BEFORE = 5
"""Versions before one that are asked for what was approved last."""

PERMISSIONS = (
    observe.PERMISSIONS
    | observe.GROUP_PERMISSIONS
    | observe_targets.PERMISSIONS
    | observe_standing.PERMISSIONS
    | observe_roles.PERMISSIONS
    | observe_membership.PERMISSIONS
    | artifact_reader.PERMISSIONS
)
"""Those of `imports.plan` and `hubs.plan` come on top."""
MEMBER_PERMISSIONS = (
    observe_targets.MEMBER_PERMISSIONS
    | observe_standing.MEMBER_PERMISSIONS
    | observe_roles.MEMBER_PERMISSIONS
    | artifact_reader.PERMISSIONS
)


def plan(planner: Planner, subject: Subject, recorded: Recorded, request: PlanRequest) -> Planned:
    """Return the plan for a package.

    An event's run goes by the record, which has a digest of all that each stage has on each target; before it lets a
    stage in, it looks at what lies at the package's addresses, at whom it opens for, and at what stands on its targets.
    One of full scope looks there in any case, reads every document and every key's grants, and finds what else has
    become of them.
    """
    package = observe.observe(planner.sagemaker, subject)
    basis = basis_of(
        planner.rules,
        subject,
        recorded.view,
        recorded.kept,
        of=package,
        flaw=recorded.flaw,
        now=datetime.now(UTC),
        sweep=request.sweep,
    )
    observed = Observed(package=None, entitled=Entitled())
    policies: Mapping[str, str | None] = {}
    if package and (other := other_spelling(subject, package.arn)):
        package, observed = None, replace(observed, findings=(other,))
    if package:
        state = basis.view.planner_state
        rules, link = link_of(basis.rules, package.linkable, recorded.named_by, state, request.words)
        basis = replace(basis, rules=rules)
        planner = replace(planner, rules=basis.rules)
        observed, policies = _observed(planner, basis, package, recorded.records, request, link)
        observed = replace(observed, link=link)
    if request.scope is ReadScope.FULL:
        seen = observe_targets.look(planner, subject, observed.desired, basis.view, policies)
        lost = {each.stage for each in observe_targets.lost(seen, observed.desired)}
        unseen = (*observed.unseen, *observe_targets.unseen_of(seen, subject.partition))
        observed = replace(observed, desired=without(observed.desired, lost), seen=seen, unseen=unseen)
    accounts = {
        *(each.account for each in observed.unseen),
        *observe_targets.accounts_of(observed.seen or (), subject.partition),
    }
    made = package_plan(basis, as_far_as_seen(basis, observed, accounts))
    if package and request.scope is ReadScope.FULL and not request.is_sweep:
        made = with_card_not_asked(made, card_not_asked(basis, package, observed.entitled, request.words))
    observe_targets.closes_at_least(made.decision.changes, observed.unseen, is_sweep=request.is_sweep)
    is_asked = made.notify and made.decision.asks
    before = _approved_last(planner, package, basis.view.planner_state) if package and is_asked else None
    records = with_status_history(recorded.records, basis.view.planner_state, package)
    question = question_of(basis, observed, made, records) if is_asked else None
    said = wording(basis.rules, made.decision, package, before, observed.link, question)
    return Planned(plan=made, wording=said)


def _approved_last(planner: Planner, package: Package, planner_state: Mapping[str, str]) -> ApprovedLast | None:
    """Return what was approved last of this version, or of the nearest before it; None where nothing was. Only a run
    that asks the approvers looks for it.
    """
    arn, table = package.arn.rpartition("/")[0], planner.environment.table
    for version in range(package.version, max(0, package.version - _VERSIONS_BEFORE - 1), -1):
        if version != package.version:
            planner_state = read.read_view(planner.dynamodb, table, f"{arn}/{version}").planner_state
        environment = approved_environment(planner_state)
        if environment is not None:
            return ApprovedLast(version=version, environment=tuple(environment))
    return None


def _observed(
    planner: Planner,
    basis: Basis,
    package: Package,
    known: tuple[AuditRecord, ...],
    request: PlanRequest,
    link: Link | None,
) -> tuple[Observed, Mapping[str, str | None]]:
    """Return what a package that is there is to have, and what is in its way; and the policies that were read."""
    rules, subject, view, environment = basis.rules, basis.subject, basis.view, planner.environment
    stages_open = open_stages(rules, view)
    records = with_status_history(known, view.planner_state, package)
    approver_accounts = ApproverAccounts(planner=planner, request=request, view=view)
    entitled = _entitled(basis, package, records, approver_accounts, link)
    accounts = accounts_of(rules, environment.account)
    is_imported = bool(rules.importing(package.group, package.status))
    if is_imported:
        # Here and not above: only a run about an import waits for it to load.
        from stagegate.subjects.packages.imports.plan import ImportPlanner

        imports = ImportPlanner(planner=planner, subject=subject, package=package, view=view)
    status_rule = rules.packages.status[package.status] if rules.packages else None
    noted = remarks(rules, package) if entitled.entitlements or (status_rule and status_rule.ask_approvers) else ()
    blocking: tuple[Finding, ...] = ()
    artifacts: Artifacts | None = None
    unseen: tuple[Unseen, ...] = ()
    begins = is_imported and imports.begins(entitled)
    looks = request.scope is ReadScope.FULL or begins or lets_in(entitled, stages_open)
    if entitled.entitlements and looks:
        reader = ArtifactReader(rules=rules, environment=environment, members=planner.members)
        found, unseen = reader.look(subject, package, encryption=True)
        artifacts = None if unseen else found
        gone, unseen = observe_gone.gone_among(planner, unseen, subject.partition)
        blocking = (
            *gone,
            *reach_blockers(rules, subject, package, accounts),
            *artifact_blockers(rules, found),
        )
        entitled = _entitled(basis, package, records, approver_accounts, link, artifacts)
    asks = entitled.asks or (status_rule is not None and status_rule.ask_approvers)
    is_whole = request.scope is ReadScope.FULL or _is_set_since(basis, package, records)
    asked, seen = _asked(planner, basis, package, artifacts, is_whole=is_whole) if asks else (None, artifacts)
    reach = reach_blockers(rules, subject, package, accounts) if asks and not blocking else ()
    blocks_yes = blocking or (*reach, *(artifact_blockers(rules, seen) if seen else ()))
    if blocking:
        findings = (*blocking, *noted)
        observed = Observed(package=package, entitled=entitled, asked=asked, findings=findings, unseen=unseen)
        return replace(observed, artifacts=seen, blocking=blocks_yes), {}
    package = package.with_spelling(view.planner_state)
    if looks and package.has_capitals:
        package = observe.with_group(planner.sagemaker, package)
    usable = _Usable(planner=planner, basis=basis, package=package, entitled=entitled)
    use = use_in(view.planner_state).about(usable.stages)
    if looks:
        use = usable.look_up_roles()
        use = replace(use, findings=(*use.findings, *approver_accounts.findings(rules, entitled)))
    desired, findings = desired_grants(rules, subject, package, entitled.entitlements, accounts, use.absent)
    if is_imported and not any(finding.severity is Severity.BLOCK for finding in findings):
        requested = imports.plan(entitled, artifacts, retry_failed=request.retry_failed)
        desired, findings = (*desired, *requested.desired), (*findings, *requested.findings)
    if any(hub.keeps(package.group) for hub in rules.hubs):
        # Here and not above: only a run about a hub waits for this to load.
        from stagegate.subjects.packages.hubs.plan import HubPlanner

        hubs = HubPlanner(planner=planner, subject=subject, package=package, view=view)
        in_hubs, hub_findings = hubs.plan(deploying(rules, package, usable.stages), looks=looks)
        desired, findings = (*desired, *in_hubs), (*findings, *hub_findings)
    policies: Mapping[str, str | None] = {}
    if looks and desired:
        there = standing(planner, subject, desired)
        policies, use = there.policies, replace(use, findings=(*use.findings, *there.findings))
        desired = without(desired, stages_blocked(there.findings))
    noted = (*noted, *(warned("ArtifactsUnseen", f"{u.what} could not be looked at: {u.error}") for u in unseen))
    observed = Observed(
        package=package,
        entitled=entitled,
        asked=asked,
        desired=desired,
        findings=(*findings, *use.findings, *noted),
        use=use.about({desired_grant.stage for desired_grant in desired}) if desired else Use(),
        unseen=unseen,
        artifacts=seen,
        blocking=blocks_yes,
    )
    return observed, policies


def _entitled(
    basis: Basis,
    package: Package,
    records: tuple[AuditRecord, ...],
    approver_accounts: ApproverAccounts,
    link: Link | None,
    artifacts: Artifacts | None = None,
) -> Entitled:
    """Return what its own status, its approvals and its card open together."""
    entitled = approver_accounts.entitled(
        basis.rules,
        lambda rules: entitle_package(
            rules,
            package,
            records,
            questions=basis.questions,
            open_stages=open_stages(basis.rules, basis.view),
            artifacts=artifacts,
            now=basis.now,
        ),
    )
    if link and basis.rules.packages:
        entitled = followed(entitled, link, basis.rules.packages.by_card, open_stages(basis.rules, basis.view))
    return measured(entitled, basis.rules, link)


def _is_set_since(basis: Basis, package: Package, records: tuple[AuditRecord, ...]) -> bool:
    """Tell whether somebody has set the status since the last question, which SageMaker dates before a record comes."""
    last = last_of(basis.questions)
    is_modified = last is not None and package.last_modified > last.at
    return is_modified or is_set_since(basis.questions, records, package.status)


def _asked(
    planner: Planner, basis: Basis, package: Package, artifacts: Artifacts | None, *, is_whole: bool
) -> tuple[Asked, Artifacts | None]:
    """Return what the approvers are asked about: the package as it is, to the byte; and what was looked at for that.

    An event says nothing of bytes. Where all else is as it was asked last, an event's run takes them to be, too, unless
    somebody has set the status since: perhaps on others. One of full scope looks. Bytes that nobody may look at are
    asked about without, and no approval answers that.
    """
    rules = basis.rules.packages
    card = None if rules is None or rules.by_card is CardLink.IGNORED else package.card
    asked = Asked(version=package.version, content_hash=package.content_hash, risk=package.risk, card=card)
    last = last_of(basis.questions)
    if artifacts is None and not is_whole and last and replace(last.asked, fingerprints=None) == asked:
        return last.asked, None
    try:
        reader = ArtifactReader(rules=basis.rules, environment=planner.environment, members=planner.members)
        found = artifacts or reader.observe(basis.subject, package, encryption=False)
    except PermanentError:
        return asked, None
    return replace(asked, fingerprints=found.fingerprints), found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usable:
    """Whether those whom a package opens for are there."""

    planner: Planner
    basis: Basis
    package: Package
    entitled: Entitled

    @property
    def stages(self) -> list[str]:
        """The stages that are let in."""
        return [entitlement.stage for entitlement in self.entitled.entitlements]

    def look_up_roles(self) -> Use:
        """Return which roles of the stages that deploy it aren't there, and what is wrong with them."""
        rules, subject = self.basis.rules, self.basis.subject
        named = roles_named(rules, deploying(rules, self.package, self.stages), subject.partition)
        found = {arn for _, arns in named for arn in arns}
        roles = look_up(self.planner, found, region=subject.region, partition=subject.partition)
        return Use(absent=roles.missing, findings=role_findings(roles, named))
