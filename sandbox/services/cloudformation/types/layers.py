"""AWS::Lambda::LayerVersion."""

from __future__ import annotations

from sandbox.services.cloudformation.resource_types import Made, Place, Properties, register
from sandbox.services.cloudformation.types.code import content


def _create(place: Place, properties: Properties) -> Made:
    optional = {k: properties[k] for k in ("Description", "CompatibleRuntimes", "LicenseInfo") if k in properties}
    answer = place.client("lambda").publish_layer_version(
        LayerName=place.name(properties, "LayerName", 140), Content=content(place, properties["Content"]), **optional
    )
    return Made(answer["LayerVersionArn"], {"LayerVersionArn": answer["LayerVersionArn"]})


def _delete(place: Place, made: Made, _properties: Properties) -> None:
    name, version = made.ref.split(":")[6:8]
    place.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))


register(
    "AWS::Lambda::LayerVersion",
    "LayerName Content Description CompatibleRuntimes CompatibleArchitectures LicenseInfo",
    _create,
    _delete,
)
