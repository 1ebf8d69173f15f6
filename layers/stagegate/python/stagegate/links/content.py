"""What the content of a card says of packages, and what that of a package's own card says of a card."""

import re
from collections.abc import Mapping

from stagegate.core.arns import sagemaker_resource

_VERSION = re.compile(r"(?P<group>[a-zA-Z0-9-]{1,63})/[0-9]{1,9}")
_NAME = re.compile(r"[a-zA-Z0-9-]{1,63}")

_PLACES = (("model_package_details", "model_package_arn"), ("model_overview", "model_id"))
"""Where SageMaker's SDK writes the package of a card (`ModelPackage` and `ModelOverview` of its model cards). The
second may be any text: it names a package where it is the ARN of one.
"""


def names_in(content: Mapping[str, object]) -> tuple[str, ...]:
    """Return the ARNs of the versions of packages that a card's content names, each once in whatever spelling, in
    order.
    """
    found = sorted({found for place in _PLACES if (found := _package(_leaf(content, *place)))})
    return tuple(each for i, each in enumerate(found) if not any(is_same(each, other) for other in found[:i]))


def card_in(content: Mapping[str, object]) -> str:
    """Return the ARN of the card that a package's own card names as its `model_id`, "" for none.

    Of all that it says only this and the risk are there without the package's key (`IncludedData` of the API
    reference): everybody who looks at the package sees the same.
    """
    found = _leaf(content, "model_overview", "model_id")
    card = sagemaker_resource(found) if isinstance(found, str) else None
    return card.arn if card and card.kind == "model-card" and _NAME.fullmatch(card.name) else ""


def is_same(arn: str, other: str) -> bool:
    """Tell whether two ARNs name one package: SageMaker may spell its group in small letters, or as it was made."""
    return arn.lower() == other.lower()


def _package(found: object) -> str:
    package = sagemaker_resource(found) if isinstance(found, str) else None
    return package.arn if package and package.kind == "model-package" and _VERSION.fullmatch(package.name) else ""


def _leaf(content: Mapping[str, object], section: str, name: str) -> object:
    said = content.get(section)
    return said.get(name) if isinstance(said, Mapping) else None
