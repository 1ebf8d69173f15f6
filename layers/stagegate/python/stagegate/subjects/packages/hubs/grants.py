"""Which private hubs a package belongs into: those that keep its group, while it is open for all who have the hub."""

from collections.abc import Collection, Iterable

from stagegate.core.arns import Subject, hub_arn, subject_of
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.for_subject import audience_of
from stagegate.subjects.packages.model import Package
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.hub_content import HubContent
from stagegate.targets.target import hub_target

PERMISSION = "hub"
"""What a grant of a package in a hub is called on record."""


def hub_desired_grants(
    rules: Rules, subject: Subject, package: Package, deploying: Collection[str]
) -> tuple[DesiredGrant, ...]:
    """Return what the stages that deploy a package are to have of it in private hubs, each of a hub's stages the same.

    Whoever may use a hub sees all that is in it. So a package is in it only while it is open for every stage that the
    hub is shared with, and never where the hub is for another audience.
    """
    desired: list[DesiredGrant] = []
    for hub in rules.hubs:
        stages = tuple(share.stage for share in hub.shares)
        if not hub.keeps(package.group) or not stages or not {*stages} <= {*deploying}:
            continue
        arn = hub_arn(hub.name, partition=subject.partition, region=subject.region, account=subject.account)
        if audience_of(rules, subject_of(arn)) != rules.audience:
            continue
        content = HubContent(
            hub=hub.name,
            package=subject.arn,
            group=package.group,
            stages=stages,
            accounts=tuple(sorted({account for name in stages for account in rules.stage(name).accounts})),
            audience=rules.audience or "",
            image=_only(c.image_uri for c in package.containers),
            data=_only(str(uri) for c in package.containers for uri in c.data_uris),
        )
        target = hub_target(arn)
        desired += [DesiredGrant(stage=name, target=target, content=content, permission=PERMISSION) for name in stages]
    return tuple(desired)


def whole(desired: Iterable[DesiredGrant]) -> tuple[DesiredGrant, ...]:
    """Leave out what a hub is to have of a package that doesn't open for all of the hub's stages after all."""
    found = tuple(desired)
    opening = {(each.target, each.stage) for each in found if each.content}
    return tuple(
        each
        for each in found
        if each.content is None or all((each.target, stage) in opening for stage in each.content.stages)
    )


def _only(found: Iterable[str]) -> str:
    """Return the one that there is, "" where there are none or several."""
    several = [each for each in found if each]
    return several[0] if len(several) == 1 else ""
