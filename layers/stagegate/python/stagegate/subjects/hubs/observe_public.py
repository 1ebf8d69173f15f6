"""The public hub: its models, and their documents."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.rules.filters.fields import DOCUMENT_KEYS, Kind, Value
from stagegate.rules.filters.public_model import PUBLIC_HUB, PublicModel, number_of
from stagegate.surfaces.hub_contents.observe import contents

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = frozenset({"sagemaker:DescribeHubContent", "sagemaker:ListHubContents"})


def models(sagemaker: "SageMakerClient") -> dict[str, PublicModel]:
    """Return every model of the public hub, by name, in its latest version and without its document."""
    found: dict[str, PublicModel] = {}
    for each in contents(sagemaker, PUBLIC_HUB, "Model"):
        model = PublicModel(
            name=each["HubContentName"],
            version=each["HubContentVersion"],
            support=each.get("SupportStatus"),
            keywords=tuple(each.get("HubContentSearchKeywords", ())),
            created=each["CreationTime"],
        )
        known = found.get(model.name)
        if known is None or number_of(known.version) < number_of(model.version):
            found[model.name] = model
    return found


def document(sagemaker: "SageMakerClient", name: str, version: str) -> Mapping[str, Value]:
    """Return what filters may ask of a model's document. A model that has just gone, and a document that is no JSON
    object, say nothing: nothing is known of such a model.
    """
    with translated(f"read the document of {name} {version}"):
        try:
            found = sagemaker.describe_hub_content(
                HubName=PUBLIC_HUB, HubContentType="Model", HubContentName=name, HubContentVersion=version
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFound":
                return {}
            raise
    try:
        stated = json.loads(found["HubContentDocument"])
    except ValueError:
        return {}
    if not isinstance(stated, dict):
        return {}
    values = {key: _value(kind, stated.get(key)) for key, kind in DOCUMENT_KEYS.items()}
    return {key: value for key, value in values.items() if value is not None}


def _value(kind: Kind, stated: object) -> Value | None:
    """Return a value of the document as its field is asked; None for one of another shape, which says nothing."""
    match stated:
        case bool():
            return stated if kind is Kind.SWITCH else None
        case str() if stated and kind is not Kind.SWITCH:
            return (stated,) if kind is Kind.LIST else stated
        case list() if kind is not Kind.SWITCH and all(isinstance(each, str) for each in stated):
            return tuple(stated)
    return None
