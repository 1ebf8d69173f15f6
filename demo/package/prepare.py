"""The package's story, made ready to be played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from demo.card import expectations as of_cards
from demo.package import expectations
from demo.package.actions import Actions
from demo.package.checks import Traces
from demo.package.expectations import Expectations
from demo.package.group_card import GroupCard
from demo.package.observers import LEGEND, PackageObservers
from demo.package.pipeline import Pipeline
from demo.package.registry import GROUP, REPOSITORY, Registry
from demo.package.scenario import package
from demo.package.seeding import seed
from demo.people import APPROVER
from demo.prepare import PreparedStory, Skipped
from demo.terminal import WIDTH, wrapped
from sandbox.kernel.place import REGION
from sandbox.stagegate.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def prepare(organization: Organization, settings: Path, *, judged: bool) -> PreparedStory | Skipped:
    """Return the story by the rules of `settings`, if it has any for packages that can be registered here."""
    rules = expectations.read(settings)
    if rules is None:
        return Skipped(f"{settings.name} has no [packages], so model packages aren't governed")
    usable = [each for each in rules.buckets if each.key is None or each.key.split(":")[3] == REGION]
    if not usable:
        return Skipped(f"{settings.name} has no [[buckets]] whose artifacts could be used in {REGION}")
    if (approver := organization.profiles[APPROVER]).account != GOVERNANCE:
        return Skipped(f"{approver.arn} can't approve packages of {GOVERNANCE}: they open to other accounts to deploy")
    lifecycle = rules.lifecycle[0].wanted if rules.lifecycle else None
    registry = seed(organization, usable[0], lifecycle)
    observers = PackageObservers(organization, settings, registry)
    card = GroupCard(organization, GROUP, rules, of_cards.read(settings))
    pipeline = Pipeline.install(organization, rules, registry)
    traces = Traces(registry)
    actions = Actions(organization, rules, registry, card, observers, judged=judged, traces=traces, pipeline=pipeline)
    return PreparedStory("package", GROUP, observers, package(actions), tuple(_opening(rules, registry)), LEGEND)


def _opening(rules: Expectations, registry: Registry) -> Iterator[str]:
    sealed = "which encrypts the packages" if registry.seals_packages else "which encrypts the artifacts"
    where = (
        f"Its group, {GROUP}, is of {registry.name_of(registry.owner)}. The artifacts are in s3://{registry.bucket} and"
        f" the images in {REPOSITORY}, both of {registry.name_of(registry.holder)}; the key, {sealed}, is of"
        f" {registry.name_of(registry.homes['key'])}. Other teams have statements there too."
    )
    for line in wrapped(where, WIDTH - 2):
        yield f"  {line}"
    gated = {gate.stage for gate in rules.gates}
    for status, stages in rules.opens.items():
        named = ", ".join(f"{stage}{' *' if stage in gated else ''}" for stage in stages) or "nobody"
        yield f"  {status:<23}{named}{'  asks the approvers' if status in rules.asks else ''}"
    if rules.card != "ignored":
        yield "  and only where its card opens, too"
    yield "  * only on an approver's word. Who may do what is shown in letters:"
    yield from LEGEND
