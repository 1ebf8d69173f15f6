"""AWS::Lambda::LayerVersion."""

from __future__ import annotations

from sandbox.services.cloudformation.resource_types import Made, Properties, Slot, register
from sandbox.services.cloudformation.types.code import content


def _create(slot: Slot, properties: Properties) -> Made:
    optional = {k: properties[k] for k in ("Description", "CompatibleRuntimes", "LicenseInfo") if k in properties}
    answer = slot.client("lambda").publish_layer_version(
        LayerName=slot.name(properties, "LayerName", 140), Content=content(slot, properties["Content"]), **optional
    )
    return Made(answer["LayerVersionArn"], {"LayerVersionArn": answer["LayerVersionArn"]})


def _delete(slot: Slot, made: Made, _properties: Properties) -> None:
    name, version = made.ref.split(":")[6:8]
    slot.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))


register(
    "AWS::Lambda::LayerVersion",
    "LayerName Content Description CompatibleRuntimes CompatibleArchitectures LicenseInfo",
    _create,
    _delete,
)
