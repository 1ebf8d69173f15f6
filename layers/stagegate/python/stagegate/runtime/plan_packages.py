"""Plan a model package: its approval against what is on record, and by hand against every document and key."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from stagegate.aws.sessions import Accounts
from stagegate.domain.arns import Subject
from stagegate.domain.artifact_findings import obstacles
from stagegate.domain.findings import Finding
from stagegate.domain.package_entitlements import entitle_package, lets_in
from stagegate.domain.package_grants import Want, wants_of
from stagegate.domain.package_plan import open_target, package_plan, targets_of
from stagegate.domain.package_reach import in_the_way
from stagegate.domain.packages import Package
from stagegate.domain.plan import Plan, View
from stagegate.domain.policy_changes import Surface, Target
from stagegate.domain.target_documents import Sight, sight_of_document, sight_of_grants
from stagegate.domain.wishes import grantees_in, statements_in, wish_of
from stagegate.ledger import targets
from stagegate.ledger.subjects import OnRecord
from stagegate.sources import key_grants, model_packages, policy_documents

from . import artifacts as package_artifacts
from .artifacts import Lookout
from .planner import Planner

_READS: Mapping[Surface, frozenset[str]] = {
    Surface.GROUP_POLICY: policy_documents.GROUP_PERMISSIONS,
    Surface.BUCKET_POLICY: policy_documents.BUCKET_PERMISSIONS,
    Surface.REPOSITORY_POLICY: policy_documents.REPOSITORY_PERMISSIONS,
    Surface.KEY_GRANTS: key_grants.PERMISSIONS,
}
MEMBER_PERMISSIONS = (
    policy_documents.BUCKET_PERMISSIONS
    | policy_documents.REPOSITORY_PERMISSIONS
    | key_grants.PERMISSIONS
    | package_artifacts.PERMISSIONS
)
PERMISSIONS = model_packages.PERMISSIONS | policy_documents.GROUP_PERMISSIONS | MEMBER_PERMISSIONS


def plan_package(
    planner: Planner, subject: Subject, on_record: OnRecord, *, by_hand: bool
) -> tuple[Plan, Package | None]:
    """Return the plan for a package, and the package (None for one that is gone).

    An event's run goes by the record, which has a digest of all that each stage has on each target; before it lets a
    stage in, it looks at what lies at the package's addresses. A run that a person started looks there in any case,
    reads every document and every key's grants, and finds what else has become of them.
    """
    rules, view, environment = planner.rules, on_record.view, planner.environment
    package = model_packages.observe(planner.sagemaker, subject)
    now = datetime.now(UTC)
    open_stages = {grant.stage for grant in view.grants}
    entitled = entitle_package(rules, package, on_record.records, open_stages=open_stages, now=now)
    accounts = environment.members | {environment.account}
    blocking: tuple[Finding, ...] = ()
    if package and entitled.entitlements and (by_hand or lets_in(entitled, open_stages)):
        lookout = Lookout(rules=rules, environment=environment, members=planner.members)
        artifacts = lookout.observe(subject, package, encryption=True)
        blocking = (*in_the_way(rules, subject, package, accounts), *obstacles(rules, artifacts))
        entitled = entitle_package(
            rules, package, on_record.records, open_stages=open_stages, artifacts=artifacts, now=now
        )
    wants, findings = wants_of(rules, subject, package, entitled.entitlements, accounts) if package else ((), ())
    if blocking:
        wants, findings = (), blocking
    seen = _look(planner, subject, wants, view) if by_hand else None
    return package_plan(rules, subject, package, entitled, wants, findings, view, seen=seen, now=now), package


def _look(planner: Planner, subject: Subject, wants: Collection[Want], view: View) -> dict[str, Sight]:
    """Return what was seen of every target that the package is on or should be on."""
    return {target.id: _sight(planner, subject, target, wants) for target in targets_of(subject, wants, view)}


def _sight(planner: Planner, subject: Subject, target: Target, wants: Collection[Want]) -> Sight:
    """Compare a target with what every other subject has on record there, and this one is to have."""
    wishes = targets.wishes(planner.dynamodb, planner.environment.table, target.id)
    others = {arn: wish for arn, wish in wishes.items() if arn != subject.arn}
    wish = wish_of(open_target(subject, target, wants))
    asked = others if wish is None else {**others, subject.arn: wish}
    if target.surface is Surface.KEY_GRANTS:
        prefix = planner.environment.prefix
        found = key_grants.observe(_client(planner, "kms", target), target, prefix)
        right = [grant.grantee for grant in found if grant.gives(prefix, grant.grantee)]
        return sight_of_grants(target, right, grantees_in(asked))
    return sight_of_document(target, _document(planner, target), statements_in(asked))


def _document(planner: Planner, target: Target) -> str | None:
    match target.surface:
        case Surface.GROUP_POLICY:
            return policy_documents.group_policy(planner.sagemaker, target)
        case Surface.BUCKET_POLICY:
            return policy_documents.bucket_policy(_client(planner, "s3", target), target)
        case _:
            return policy_documents.repository_policy(_client(planner, "ecr", target), target)


def _client(planner: Planner, service: str, target: Target) -> Any:
    """Return a client that can read the target: its type depends on the service."""
    accounts = Accounts(own=planner.environment.account, members=planner.members)
    return accounts.client(
        service,
        _READS[target.surface],
        target.arn,
        account=target.account,
        region=target.region,
        partition=target.partition,
    )
