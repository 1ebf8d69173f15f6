"""What the approvers of a package are asked: the gates of the package run for each status that says yes."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from stagegate.approvals.as_if import AS_IF, SOON, EntitledBy, StageIfYes, if_approved
from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.questions import Question as WasAsked
from stagegate.approvals.records import AuditRecord
from stagegate.core.statuses import PackageStatus
from stagegate.links.following import followed
from stagegate.links.measured import measured
from stagegate.plans.decision import Basis
from stagegate.plans.grants import Grant, open_stages
from stagegate.plans.plan import Plan
from stagegate.plans.question import Answer, Question, Yes, asker, difference, most_first
from stagegate.rules.model import Rules
from stagegate.subjects.packages.decide import Observed
from stagegate.subjects.packages.entitle import entitle_package
from stagegate.subjects.packages.model import Package

_DEPLOY, _IMPORT = "deploy", "import"


def question_of(basis: Basis, observed: Observed, made: Plan, records: Collection[AuditRecord]) -> Question | None:
    """Return what is asked about a package as it is now, None where no answer opens anything that has approvers.

    The gates are those of the plan that was `made` of what was `observed`; what isn't asked to the byte isn't here.
    """
    rules, subject, package, asked, now = basis.rules, basis.subject, observed.package, made.asked, basis.now
    if package is None or asked is None:
        return None
    known = (*basis.questions, WasAsked(id="as-if", at=now, asked=asked))
    yes = []
    for status in _statuses(rules, package):
        approved = replace(package, status=status, last_modified=now + SOON)
        opens = rules.opened_by(package.group, status)
        stages = if_approved(
            approved,
            opens,
            rules.approvers,
            _gates(basis, observed, approved, records, known),
            now=now,
            fingerprints=asked.fingerprints,
            card=package.card,
        )
        yes.append(
            Yes(
                status=status.value, stages=stages, changes=_changes(rules, package, status, stages, made.record.grants)
            )
        )
    if not yes:
        return None
    ordered = most_first(yes)
    update = f"aws sagemaker update-model-package --region {subject.region} --model-package-arn {package.arn}"
    sets = f"{update} --model-approval-status"
    pending, is_pending = PackageStatus.PENDING, package.status is PackageStatus.PENDING
    by, since = asker(package, records)
    return Question(
        subject=package.arn,
        status=package.status.value,
        version=package.version,
        asked_by=by,
        since=since,
        yes=ordered,
        answers=(
            *(
                Answer(says="Yes", status=each.status, command=f"{sets} {each.status}{_why(rules, each)}")
                for each in ordered
            ),
            *([] if is_pending else [Answer(says="Send back", status=pending, command=f"{sets} {pending}")]),
            Answer(says="No", status=PackageStatus.REJECTED, command=f"{sets} {PackageStatus.REJECTED}"),
        ),
    )


def _why(rules: Rules, yes: Yes) -> str:
    asks_why = any(rules.stage(each.stage).reason_required for each in yes.stages)
    return " --approval-description WHY" if asks_why else ""


def _statuses(rules: Rules, package: Package) -> list[PackageStatus]:
    gated = {entry.stage for entry in rules.approvers}
    statuses = rules.packages.status if rules.packages else ()
    return [status for status in statuses if gated.intersection(rules.opened_by(package.group, status))]


def _gates(
    basis: Basis,
    observed: Observed,
    package: Package,
    records: Collection[AuditRecord],
    questions: Collection[WasAsked],
) -> EntitledBy:
    """Return the gates of a package as it would be, with one more record."""
    rules, stages_open, link = basis.rules, open_stages(basis.rules, basis.view), observed.link

    def entitled(record: AuditRecord) -> Entitled:
        found = entitle_package(
            rules,
            package,
            (*records, record),
            questions=questions,
            open_stages=stages_open,
            artifacts=observed.artifacts,
            stands_for_all=AS_IF,
            now=basis.now + SOON,
        )
        if link and rules.packages:
            found = followed(found, link, rules.packages.by_card, stages_open)
        found = measured(found, rules, link)
        kept = () if observed.blocking else found.entitlements
        return replace(found, entitlements=kept, findings=(*found.findings, *observed.blocking))

    return entitled


def _changes(
    rules: Rules,
    package: Package,
    status: PackageStatus,
    stages: Collection[StageIfYes],
    grants: Collection[Grant],
) -> tuple[str, ...]:
    before: dict[str, tuple[tuple[str, ...], set[str]]] = {}
    for grant in grants:
        before.setdefault(grant.stage, (grant.accounts, set()))[1].add(grant.permission)
    after = {
        each.stage: _access(rules.stage(each.stage).accounts, does(rules, package, status, each.stage))
        for each in stages
        if each.opens
    }
    return difference({stage: _access(*said) for stage, said in before.items()}, after)


def does(rules: Rules, package: Package, status: PackageStatus, stage: str) -> tuple[str, ...]:
    """Return what a stage may do with a package in a status: deploy it, have it imported into Amazon Bedrock."""
    deploys = rules.packages is not None and stage in rules.packages.status[status].opens
    imports = stage in rules.importing(package.group, status)
    return (*((_DEPLOY,) if deploys else ()), *((_IMPORT,) if imports else ()))


def _access(accounts: Collection[str], permissions: Iterable[str]) -> str:
    return f"({', '.join(accounts)}): {' and '.join(sorted(permissions))}"
