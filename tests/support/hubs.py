"""Values about hubs for tests."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from stagegate.core.arns import Subject, subject_of
from stagegate.rules.filters.public_model import PublicModel
from stagegate.rules.hubs import Allow, HubRules, HubShare
from stagegate.rules.model import Rules, Stage
from stagegate.surfaces.hub_contents.changes import ObservedHub, Reference, public_arn
from tests.support.builders import CREATED, DEV, GOVERNANCE, PROD, TEST, some_rules

HUB_ARN = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:hub/allowed-models"
STAGES = (
    Stage(name="dev", accounts=(DEV,), roles=("ModelDeveloper",)),
    Stage(name="test", accounts=(TEST,), roles=("ModelTester",)),
    Stage(name="prod", accounts=(PROD,), roles=("ModelOperator",)),
)


def the_hub_subject(arn: str = HUB_ARN) -> Subject:
    """The subject of every hub's plan here."""
    return subject_of(arn)


def a_model(
    name: str = "meta-textgeneration-llama-3-8b",
    *keywords: str,
    version: str = "2.0.1",
    support: str | None = "Supported",
    created: datetime = CREATED,
    document: Mapping[str, str | bool | tuple[str, ...]] | None = None,
) -> PublicModel:
    """A model of the public hub, whose document nobody has read unless it is given."""
    return PublicModel(
        name=name, version=version, support=support, keywords=keywords, created=created, document=document
    )


def hub_rules(*allow: Allow, shares: Iterable[HubShare] = (), **more: object) -> HubRules:
    """One hub's rules; everything of Meta's is allowed unless they say something else."""
    made = HubRules(
        name="allowed-models",
        description="Looked at",
        allow=allow or (Allow(filter="framework == meta"),),
        shares=tuple(shares),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # whatever the test says of it


def rules_with(*hubs: HubRules, paused: bool = False) -> Rules:
    """The whole file's rules with these hubs."""
    return replace(some_rules(stages=STAGES, paused=paused), hubs=hubs)


def a_reference(
    name: str, *, status: str = "Available", target: str | None = None, minimum: str | None = None
) -> Reference:
    """A reference as it is found in the hub."""
    return Reference(name=name, target=target or public_arn(HUB_ARN, name), status=status, minimum=minimum)


def a_hub(*references: Reference | str, ours: bool = True, status: str = "InService") -> ObservedHub:
    """A hub with these references, given whole or by name."""
    return ObservedHub(
        status=status,
        is_ours=ours,
        references=tuple(a_reference(r) if isinstance(r, str) else r for r in references),
    )
