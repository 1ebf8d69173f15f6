"""Plan a package's place in private hubs: whether there is such a hub, and room for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stagegate.core.arns import Subject
from stagegate.core.errors import PermanentError
from stagegate.core.findings import Finding, warned
from stagegate.core.untrusted import word
from stagegate.ledger import read
from stagegate.plans.grants import Grant, View
from stagegate.subjects.context import Planner
from stagegate.subjects.packages.hubs.grants import hub_desired_grants
from stagegate.subjects.packages.model import Package
from stagegate.surfaces.hub_contents import observe_own
from stagegate.surfaces.hub_contents.observe_own import Room
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.hub_content import HubContent, name_of
from stagegate.targets.target import Target, title

PERMISSIONS = observe_own.PERMISSIONS | read.PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPlanner:
    """Plans in which hubs one package is."""

    planner: Planner
    subject: Subject
    package: Package
    view: View

    def plan(self, deploying: Collection[str], *, looks: bool) -> tuple[tuple[DesiredGrant, ...], tuple[Finding, ...]]:
        """Return what the stages that deploy the package are to have of it in hubs, and what is in the way there, which
        keeps it out of no other place. Where nothing is to change by the record, only a plan that `looks` looks.
        """
        desired = hub_desired_grants(self.planner.rules, self.subject, self.package, deploying)
        recorded = {grant.target for grant in self.view.grants}
        findings: list[Finding] = []
        for target in dict.fromkeys(each.target for each in desired):
            if target.id in recorded and not looks:
                continue
            found, is_there = self._blocker(target)
            if found is None and target.id not in recorded:
                content = next(each.content for each in desired if each.target == target)
                found = self._others(target, content)
            if found:
                findings.append(found)
            if found and not (is_there and target.id in recorded):
                desired = tuple(each for each in desired if each.target != target)
        return desired, tuple(findings)

    def _blocker(self, target: Target) -> tuple[Finding | None, bool]:
        """Return what keeps the package out of a hub, and whether the hub is there, as far as that can be told: what
        can't be looked at keeps nothing else from closing.
        """
        try:
            room = observe_own.room(self.planner.sagemaker, target.arn, self.subject.arn)
        except PermanentError as error:
            return warned("TargetUnseen", f"{title(target)} could not be looked at: {error}"), True
        return _blocker(self.subject, target, room), room.is_there

    def _others(self, target: Target, content: HubContent | None) -> Finding | None:
        if content is None:
            return None
        view = read.read_view(self.planner.dynamodb, self.planner.environment.table, target.arn)
        return others(target, content, view.grants)


def others(target: Target, content: HubContent, grants: Iterable[Grant]) -> Finding | None:
    """Return what keeps a package out of a hub that is still open for somebody whom the package isn't for, by the
    `grants` on record of the hub: the rules may have changed, and the hub's own run has yet to close it for them.
    """
    stages = {grant.stage for grant in grants if grant.stage not in content.stages}
    accounts = {account for grant in grants for account in grant.accounts if account not in content.accounts}
    if not stages and not accounts:
        return None
    detail = (
        f"Hub {word(target.name)} is still open for {', '.join(sorted(map(word, {*stages, *accounts})))}, which the"
        " package isn't for: it comes in with its own next run once the hub's run has closed that."
    )
    return warned("HubOpenForOthers", detail)


def _blocker(subject: Subject, target: Target, room: Room) -> Finding | None:
    hub = word(target.name)
    if not room.is_there:
        detail = (
            f"There is no hub {hub} in service yet, and so the package isn't in it: it comes in once the hub's own run"
            " has made it."
        )
        return warned("HubMissing", detail)
    if not room.is_ours:
        detail = f"{title(target).capitalize()} is somebody else's: nothing is put into it. See the hub's own run."
        return warned("HubNotOurs", detail)
    if room.foreign:
        detail = (
            f"Hub {hub} has {word(name_of(subject.arn))} {', '.join(map(word, room.foreign))}, which somebody else has"
            " put there under the package's name: whoever asks for the latest version may get that. Have them delete"
            " it, or name it otherwise."
        )
        return warned("HubNameTaken", detail)
    return None
