"""What a filter can ask of a model of the public hub, and where the answer comes from.

Three places: the model's id; its entry in the hub's listing, whose keywords are lower-cased `@tag:value` copies of what
the document says, at most 50 of them; and the document itself, which takes a call for each model. A field is looked for
in this order, in the places that the table gives it. What none of them says is not known, which isn't the same as no.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from stagegate.rules.filters.public_model import PublicModel

KEYWORD_LIMIT = 50
"""A listing has no more keywords of a model than this (HubContentSearchKeywordList in botocore's SageMaker model)."""

Value: TypeAlias = str | bool | tuple[str, ...]


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "a text"
    SWITCH = "true or false"
    LIST = "a list of texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its kind, and the tag of its keywords and the key of the document that have it, if any.

    An `exact` one is compared letter by letter; of the others, letters of any case are the same, and so are a space,
    "-" and "_" (the hub spells one thing in several ways). `also` maps other words for a value to that value.
    """

    name: str
    kind: Kind = Kind.TEXT
    tag: str | None = None
    key: str | None = None
    exact: bool = False
    also: Mapping[str, str] = field(default_factory=dict)

    def same(self, text: str) -> str:
        """Return what a text is compared by."""
        if self.exact:
            return text
        folded = text.casefold().replace("_", "-").replace(" ", "-")
        return self.also.get(folded, folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A field's value. A list that isn't `complete` has these and may have more."""

    value: Value
    complete: bool = True


_FIELDS = (
    # From the id, as the SageMaker Python SDK takes them: not what the model's publisher says.
    Field(name="model_id", exact=True),
    Field(name="framework", exact=True),
    Field(name="task", exact=True),
    # From the listing alone.
    Field(name="version", exact=True),
    Field(name="support_status"),
    Field(name="deprecated", kind=Kind.SWITCH),
    Field(name="search_keywords", kind=Kind.LIST),
    # From the listing's keywords, else from the document.
    Field(name="provider", tag="provider", key="Provider"),
    Field(name="license", tag="license", key="License"),
    Field(name="hub_framework", tag="framework", key="Framework"),
    Field(name="hub_task", tag="task", key="Task"),
    Field(name="data_type", tag="data-type", key="DataType"),
    Field(name="model_type", tag="model-type", key="ModelTypes", also={"marketplace": "proprietary"}),
    Field(name="model_size", tag="model-size", key="ModelSize"),
    Field(name="context_window", tag="context-window", key="ContextWindow"),
    Field(name="marketplace_version", tag="marketplace-version", key="MarketplaceVersion"),
    Field(name="languages", kind=Kind.LIST, tag="language"),
    Field(name="input_modalities", kind=Kind.LIST, tag="input-modality", key="InputModalities"),
    Field(name="output_modalities", kind=Kind.LIST, tag="output-modality", key="OutputModalities"),
    Field(name="capabilities", kind=Kind.LIST, tag="capability", key="Capabilities"),
    Field(name="recipes", kind=Kind.LIST, tag="recipe"),
    # From the document alone.
    Field(name="training_supported", kind=Kind.SWITCH, key="TrainingSupported"),
    Field(name="incremental_training_supported", kind=Kind.SWITCH, key="IncrementalTrainingSupported"),
    Field(name="fine_tuning_supported", kind=Kind.SWITCH, key="FineTuningSupported"),
    Field(name="validation_supported", kind=Kind.SWITCH, key="ValidationSupported"),
    Field(name="dynamic_container_deployment_supported", kind=Kind.SWITCH, key="DynamicContainerDeploymentSupported"),
    Field(name="gated_bucket", kind=Kind.SWITCH, key="GatedBucket"),
    Field(name="default_inference_instance_type", key="DefaultInferenceInstanceType"),
    Field(name="supported_inference_instance_types", kind=Kind.LIST, key="SupportedInferenceInstanceTypes"),
    Field(name="default_training_instance_type", key="DefaultTrainingInstanceType"),
    Field(name="min_sdk_version", key="MinSdkVersion"),
    Field(name="resource_name_base", key="ResourceNameBase"),
    Field(name="url", key="Url"),
    Field(name="hosting_eula_uri", key="HostingEulaUri"),
    Field(name="model_subscription_link", key="ModelSubscriptionLink"),
)
FIELDS: Mapping[str, Field] = {each.name: each for each in _FIELDS}
"""Every field by its name, which is the SDK's wherever the SDK has one that means anything for a hub."""

DOCUMENT_KEYS: Mapping[str, Kind] = {each.key: each.kind for each in _FIELDS if each.key}
"""The keys that are kept of a document, and what they are asked as."""


def value_of(requested: Field, model: PublicModel) -> Known | None:
    """Return what is known of a field of a model, or None."""
    match requested.name:
        case "model_id":
            return Known(value=model.name)
        case "framework":
            return _segment(model.name, 0)
        case "task":
            return _segment(model.name, 1)
        case "version":
            return Known(value=model.version)
        case "support_status":
            return Known(value=model.support) if model.support else None
        case "deprecated":
            return Known(value=model.support == "Deprecated") if model.support else None
        case "search_keywords":
            return Known(value=model.keywords, complete=len(model.keywords) < KEYWORD_LIMIT)
    return _stated(requested, model)


def _segment(name: str, at: int) -> Known | None:
    """Return a segment of an id; ids with fewer than three have neither framework nor task."""
    segments = name.split("-")
    return Known(value=segments[at]) if len(segments) >= 3 else None


def _stated(requested: Field, model: PublicModel) -> Known | None:
    prefix = f"@{requested.tag}:"
    tagged = tuple(word.removeprefix(prefix) for word in model.keywords if requested.tag and word.startswith(prefix))
    is_all = len(model.keywords) < KEYWORD_LIMIT
    if tagged and requested.kind is not Kind.LIST:
        return Known(value=tagged[0]) if len(set(tagged)) == 1 else None
    if tagged and is_all:
        return Known(value=tagged)
    written = (model.document or {}).get(requested.key) if requested.key else None
    if written is None:
        return Known(value=tagged, complete=False) if tagged else None
    if requested.kind is Kind.TEXT and isinstance(written, tuple):
        return Known(value=written[0]) if len(written) == 1 else None
    return Known(value=written)
