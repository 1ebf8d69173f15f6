"""A model of the public hub, as its listing and, where somebody has read it, its document describe it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

PUBLIC_HUB = "SageMakerPublicHub"

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicModel:
    """The latest version of a model. `support` is `Supported`, `Deprecated`, `Restricted`, or None where it isn't said.

    `document` has what filters may ask of the content document (`hub_fields.DOCUMENT_KEYS`); None: not read.
    """

    name: str
    version: str
    support: str | None = None
    keywords: tuple[str, ...] = ()
    created: datetime
    document: Mapping[str, str | bool | tuple[str, ...]] | None = None


def fits_a_reference(name: str) -> bool:
    """Tell whether a reference can have this name (HubContentName in botocore's SageMaker model).

    The SDK's own check measures a pair instead of the name, and lets all of them through.
    """
    return _NAME.fullmatch(name) is not None


def number_of(version: str) -> tuple[int, ...]:
    """Return a version to compare by. One that isn't three numbers comes first (botocore's pattern lets some pass)."""
    return tuple(map(int, version.split("."))) if _VERSION.fullmatch(version) else ()
