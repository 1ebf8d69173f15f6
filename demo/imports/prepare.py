"""The import's story, made ready to be played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from demo.card import expectations as of_cards
from demo.deploying import written
from demo.imports import rules
from demo.imports.actions import Actions
from demo.imports.environment import ImportEnvironment, seed
from demo.imports.host import Host
from demo.imports.observers import LEGEND, ImportObservers
from demo.imports.scenario import imports
from demo.judge.expectations import document_of, stages_in
from demo.package import expectations
from demo.package.group_card import GroupCard
from demo.people import APPROVER
from demo.prepare import PreparedStory, Skipped
from demo.terminal import WIDTH, wrapped
from sandbox.kernel.delays import delays
from sandbox.stagegate import checked_settings
from sandbox.stagegate.members import GOVERNANCE, HOSTING

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def prepare(organization: Organization, settings: Path, *, judged: bool) -> PreparedStory | Skipped:
    """Return the story of an import that is added to the rules of `settings`."""
    document = document_of(settings)
    if "packages" not in document:
        return Skipped(f"{settings.name} has no [packages], so model packages aren't governed")
    if document.get("imports"):
        return Skipped(f"{settings.name} has [[imports]] already, and the story adds the first ones")
    stages = stages_in(document)
    if any(HOSTING in stage.accounts for stage in stages):
        return Skipped(f"{settings.name} has {HOSTING} as a stage already, and the story adds it")
    if (approver := organization.profiles[APPROVER]).account != GOVERNANCE:
        return Skipped(f"{approver.arn} can't approve packages of {GOVERNANCE}: they open to other accounts to deploy")
    environment = seed(organization, stages[0].accounts[0])
    host = Host(organization)
    text = rules.present(settings, approver.arn, environment.owner, environment.key)
    with written(text) as path:
        if wrong := checked_settings.problem(path):
            return Skipped(f"{settings.name} doesn't take what the story adds: {wrong}")
        found, cards = expectations.read(path), of_cards.read(path)
        observers = ImportObservers(organization, path, environment, host)
    if found is None:
        raise AssertionError("the story's rules govern packages")
    card = GroupCard(organization, rules.GROUP, found, cards)
    actions = Actions(organization, found, card, environment, host, observers, judged)
    return PreparedStory(
        "package", f"{rules.GROUP}/1", observers, imports(actions, text), tuple(_opening(environment)), LEGEND
    )


def _opening(environment: ImportEnvironment) -> Iterator[str]:
    text = (
        f"The rules get an account that hosts models, {HOSTING}. What is approved for it in {rules.GROUP} becomes a"
        f" model of Amazon Bedrock there. The weights, of a few kilobytes, are in s3://{rules.BUCKET} of"
        f" {environment.owner}, under a key of that account. An import takes {delays.model_import} s here,"
        " minutes to hours on AWS."
    )
    yield from (f"  {line}" for line in wrapped(text, WIDTH - 2))
    yield from LEGEND
