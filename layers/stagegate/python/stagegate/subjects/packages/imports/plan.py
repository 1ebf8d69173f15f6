"""Plan the imports of a package: what they need, what is at its address, and whether their hosts can be entered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stagegate.approvals.entitlement import Entitled
from stagegate.aws.sessions import Accounts
from stagegate.core.arns import Subject
from stagegate.core.errors import MemberRoleError, RefusedError
from stagegate.core.findings import Finding, Severity, blocked, warned
from stagegate.ledger import imports
from stagegate.plans.grants import View
from stagegate.subjects.context import Planner
from stagegate.subjects.packages.artifacts import Artifacts, Stored
from stagegate.subjects.packages.imports import observe_weights
from stagegate.subjects.packages.imports.grants import import_desired_grants, source_of
from stagegate.subjects.packages.imports.weights import CONFIG, INDEX, weights_findings
from stagegate.subjects.packages.model import Package
from stagegate.surfaces.imports import observe as observe_imports
from stagegate.targets.changes import DesiredGrant, open_target
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import TargetType, role_arns

PERMISSIONS = observe_weights.PERMISSIONS | imports.READ_PERMISSIONS
MEMBER_PERMISSIONS = observe_weights.PERMISSIONS | observe_imports.ROLE_PERMISSIONS | observe_imports.PERMISSIONS
"""Also of the role and the model as targets, which `observe_targets` looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """What imports are to have, and what is in the way of others."""

    desired: tuple[DesiredGrant, ...] = ()
    findings: tuple[Finding, ...] = ()

    def without(self, finding: Finding, dropped: Collection[DesiredGrant]) -> "Imports":
        """Return the same without some imports, and with the reason."""
        kept = tuple(desired_grant for desired_grant in self.desired if desired_grant not in dropped)
        return Imports(desired=kept, findings=(*self.findings, finding))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlanner:
    """Plans the imports of one package."""

    planner: Planner
    subject: Subject
    package: Package
    view: View

    def begins(self, entitled: Entitled) -> bool:
        """Tell whether a model is to be imported that isn't on record."""
        recorded = {grant.target for grant in self.view.grants}
        return any(
            desired_grant.model and desired_grant.target.id not in recorded
            for desired_grant in self._desired(entitled).desired
        )

    def plan(self, entitled: Entitled, artifacts: Artifacts | None, *, retry_failed: bool) -> Imports:
        """Return what the package's imports are to have. What lies at its address, and whether the hosts can be
        entered, is looked at where the package's `artifacts` were; `retry_failed`: what has failed is tried once more.
        """
        requested = still_desired(
            self.planner, self.subject, self._desired(entitled), self.view, retry_failed=retry_failed
        )
        return looked_at(self.planner, self.subject, self.package, requested, artifacts) if artifacts else requested

    def _desired(self, entitled: Entitled) -> Imports:
        rules, prefix = self.planner.rules, self.planner.environment.prefix
        desired, findings = import_desired_grants(rules, self.subject, self.package, entitled.entitlements, prefix)
        return Imports(desired=desired, findings=findings)


def still_desired(planner: Planner, subject: Subject, requested: Imports, view: View, *, retry_failed: bool) -> Imports:
    """Leave out what a newer version has replaced; and what has failed, unless a person wants to `retry_failed`."""
    found = requested
    for desired_grant in requested.desired:
        model = desired_grant.model
        if model is None:
            continue
        if model.replaces:
            there = imports.imported(planner.dynamodb, planner.environment.table, model.queue, subject.arn)
            newest = max(there, default=0)
            if newest > model.version:
                detail = f"Version {newest} of {model.group} is imported in {model.account}, and replaces this one."
                found = found.without(
                    warned("ImportReplaced", detail, desired_grant.stage), _of(requested.desired, desired_grant)
                )
                continue
        failure = view.failed.get(desired_grant.target.id)
        digest = digest_of(desired_text_of(open_target(subject, desired_grant.target, requested.desired)))
        if failure and not retry_failed and (failure.digest, failure.approval) == (digest, model.approval):
            detail = (
                f"{failure.detail} No event and no sweep tries again: start the package by hand, or approve it anew."
            )
            found = found.without(
                blocked("ImportFailed", detail, desired_grant.stage), _of(requested.desired, desired_grant)
            )
    return found


def looked_at(
    planner: Planner, subject: Subject, package: Package, requested: Imports, artifacts: Artifacts
) -> Imports:
    """Leave out what can't be imported: for what lies at the address, or a host that can't be entered."""
    if not requested.desired:
        return requested
    unfit = [each for each in _weights(planner, subject, package, artifacts) if each.severity is Severity.BLOCK]
    if unfit:
        return Imports(findings=(*requested.findings, *unfit))
    found = requested
    for desired_grant in requested.desired:
        if desired_grant.target.type is not TargetType.IMPORT_ROLE:
            continue
        try:
            client = _accounts(planner).client(
                "iam",
                observe_imports.ROLE_PERMISSIONS,
                role_arns(desired_grant.target),
                account=desired_grant.target.account,
                region=subject.region,
                partition=subject.partition,
            )
            observe_imports.role(client, desired_grant.target.name)
        except (MemberRoleError, RefusedError) as error:
            account = desired_grant.target.account
            detail = f"Account {account} can't be imported into: {error} Its member stack needs ImportSources."
            found = found.without(
                blocked("ImportHostClosed", detail, desired_grant.stage), _of(requested.desired, desired_grant)
            )
    return found


def _weights(planner: Planner, subject: Subject, package: Package, artifacts: Artifacts) -> Iterable[Finding]:
    source = source_of(package)
    entry = planner.rules.bucket(source.bucket) if source else None
    if source is None or entry is None:
        return []
    objects: list[Stored] = [found for data in artifacts.data if data.uri == source for found in data.objects]
    texts: dict[str, str | None] = {}
    if there := [name for name in (CONFIG, INDEX) if any(found.key == f"{source.key}{name}" for found in objects)]:
        s3 = _accounts(planner).client(
            "s3",
            observe_weights.PERMISSIONS,
            [
                *(f"arn:{subject.partition}:s3:::{source.bucket}/{source.key}{name}" for name in there),
                *([entry.key] if entry.key else []),
            ],
            account=entry.account,
            region=subject.region,
            partition=subject.partition,
        )
        try:
            texts = {name: observe_weights.text_of(s3, source, name, entry.account) for name in there}
        except RefusedError as error:
            detail = f"{error} Is it encrypted with another key than [[buckets]] {entry.name} names?"
            return [blocked("ImportUnreadable", detail)]
    return weights_findings(source, objects, texts.get(CONFIG), subject.region, index=texts.get(INDEX))


def _of(desired: Iterable[DesiredGrant], model: DesiredGrant) -> list[DesiredGrant]:
    """Return everything that the import into one account of a stage needs: of a stage with several hosts, all of it.

    A bucket's statements for one host aren't told from those for another here, and a stage whose one host is closed is
    better closed as a whole than open in a part that nobody can see.
    """
    return [desired_grant for desired_grant in desired if desired_grant.stage == model.stage]


def _accounts(planner: Planner) -> Accounts:
    return Accounts(own=planner.environment.account, members=planner.members)
