"""Plan the imports of a package: what they need, what is at its address, and whether their hosts can be entered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stagegate.aws.sessions import Accounts
from stagegate.core.arns import Subject
from stagegate.core.errors import MemberRoleError, RefusedError
from stagegate.core.findings import Finding, Severity, blocked, warned
from stagegate.ledger import imports
from stagegate.plans.grants import View
from stagegate.subjects.cards.entitle import Entitled
from stagegate.subjects.context import Planner
from stagegate.subjects.packages.artifacts import Artifacts, Stored
from stagegate.subjects.packages.imports import observe_weights as weights
from stagegate.subjects.packages.imports.grants import import_wants, source_of
from stagegate.subjects.packages.imports.weights import CONFIG, weights_findings
from stagegate.subjects.packages.package import Package
from stagegate.surfaces.imports import import_hosts
from stagegate.targets.changes import Want, open_target
from stagegate.targets.desired import digest_of, wish_of
from stagegate.targets.target import Surface, role_arns

PERMISSIONS = weights.PERMISSIONS | imports.READ_PERMISSIONS
MEMBER_PERMISSIONS = weights.PERMISSIONS | import_hosts.ROLE_PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """What imports are to have, and what is in the way of others."""

    wants: tuple[Want, ...] = ()
    findings: tuple[Finding, ...] = ()

    def without(self, finding: Finding, dropped: Collection[Want]) -> "Imports":
        """Return the same without some imports, and with the reason."""
        kept = tuple(want for want in self.wants if want not in dropped)
        return Imports(wants=kept, findings=(*self.findings, finding))


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
        return any(want.model and want.target.id not in recorded for want in self._wanted(entitled).wants)

    def plan(self, entitled: Entitled, artifacts: Artifacts | None, *, retry_failed: bool) -> Imports:
        """Return what the package's imports are to have. What lies at its address, and whether the hosts can be
        entered, is looked at where the package's `artifacts` were; `retry_failed`: what has failed is tried once more.
        """
        asked = still_wanted(self.planner, self.subject, self._wanted(entitled), self.view, retry_failed=retry_failed)
        return looked_at(self.planner, self.subject, self.package, asked, artifacts) if artifacts else asked

    def _wanted(self, entitled: Entitled) -> Imports:
        rules, prefix = self.planner.rules, self.planner.environment.prefix
        wants, findings = import_wants(rules, self.subject, self.package, entitled.entitlements, prefix)
        return Imports(wants=wants, findings=findings)


def still_wanted(planner: Planner, subject: Subject, asked: Imports, view: View, *, retry_failed: bool) -> Imports:
    """Leave out what a newer version has replaced, and what has failed, unless a person wants to `retry_failed`."""
    found = asked
    for want in asked.wants:
        model = want.model
        if model is None:
            continue
        if model.replaces:
            there = imports.imported(planner.dynamodb, planner.environment.table, model.queue, model.group)
            newest = max(there, default=0)
            if newest > model.version:
                detail = f"Version {newest} of {model.group} is imported in {model.account}, and replaces this one."
                found = found.without(warned("ImportReplaced", detail, want.stage), _of(asked.wants, want))
                continue
        failure = view.failed.get(want.target.id)
        digest = digest_of(wish_of(open_target(subject, want.target, asked.wants)))
        if failure and not retry_failed and (failure.digest, failure.approval) == (digest, model.approval):
            detail = (
                f"{failure.detail} No event and no sweep tries again: start the package by hand, or approve it anew."
            )
            found = found.without(blocked("ImportFailed", detail, want.stage), _of(asked.wants, want))
    return found


def looked_at(planner: Planner, subject: Subject, package: Package, asked: Imports, artifacts: Artifacts) -> Imports:
    """Leave out what can't be imported: for what lies at the address, or a host that can't be entered."""
    if not asked.wants:
        return asked
    unfit = [each for each in _weights(planner, subject, package, artifacts) if each.severity is Severity.BLOCK]
    if unfit:
        return Imports(findings=(*asked.findings, *unfit))
    found = asked
    for want in asked.wants:
        if want.target.surface is not Surface.IMPORT_ROLE:
            continue
        try:
            client = _accounts(planner).client(
                "iam",
                import_hosts.ROLE_PERMISSIONS,
                role_arns(want.target),
                account=want.target.account,
                region=subject.region,
                partition=subject.partition,
            )
            import_hosts.role(client, want.target.name)
        except (MemberRoleError, RefusedError) as error:
            detail = (
                f"Account {want.target.account} can't be imported into: {error} Its member stack needs ImportSources."
            )
            found = found.without(blocked("ImportHostClosed", detail, want.stage), _of(asked.wants, want))
    return found


def _weights(planner: Planner, subject: Subject, package: Package, artifacts: Artifacts) -> Iterable[Finding]:
    source = source_of(package)
    entry = planner.rules.bucket(source.bucket) if source else None
    if source is None or entry is None:
        return []
    objects: list[Stored] = [found for data in artifacts.data if data.uri == source for found in data.objects]
    config = None
    if any(found.key == f"{source.key}{CONFIG}" for found in objects):
        s3 = _accounts(planner).client(
            "s3",
            weights.PERMISSIONS,
            [f"arn:{subject.partition}:s3:::{source.bucket}/{source.key}{CONFIG}", *([entry.key] if entry.key else [])],
            account=entry.account,
            region=subject.region,
            partition=subject.partition,
        )
        try:
            config = weights.config(s3, source, entry.account)
        except RefusedError as error:
            detail = f"{error} Is it encrypted with another key than [[buckets]] {entry.name} names?"
            return [blocked("ImportUnreadable", detail)]
    return weights_findings(source, objects, config, subject.region)


def _of(wants: Iterable[Want], model: Want) -> list[Want]:
    """Return everything that the import into one account of a stage needs: of a stage with several hosts, all of it.

    A bucket's statements for one host aren't told from those for another here, and a stage whose one host is closed is
    better closed as a whole than open in a part that nobody can see.
    """
    return [want for want in wants if want.stage == model.stage]


def _accounts(planner: Planner) -> Accounts:
    return Accounts(own=planner.environment.account, members=planner.members)
