"""What moto finds out or reads anew, again and again, though it never changes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import moto
from moto.core import responses, utils
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.loaders import create_loader
from moto.core.serialize import AttributePicker, AttributePickerContext

from sandbox.kernel.wire.models import session


def install() -> None:
    """Let it remember, and read what others have read. Calling it again changes nothing."""
    responses.method_names_from_class = _method_names
    utils._load_service_model = _model  # noqa: SLF001  where everything of moto's asks
    AccountSpecificBackend._generate_regions = _regions  # noqa: SLF001
    AttributePicker.__call__ = _picked
    BackendDict._create_account_specific_backend = _make_backend_once  # noqa: SLF001


_method_names = cache(utils.method_names_from_class)


def _model(service: str, kind: str) -> Any:
    """A service's model; what moto adds to some stays moto's own."""
    folder = Path(moto.__file__).parent / service.replace("-", "")
    loader = create_loader() if list(folder.glob("*/*.moto-extras.*")) else session().get_component("data_loader")
    return loader.load_service_model(service, kind)


def _picked(picker: AttributePicker, context: AttributePickerContext) -> Any:
    """moto's choice of what to put into a member of its answer, whose candidates are the same for every dictionary."""
    if type(context.obj) is not dict or picker.response_transformers:
        return _pick(picker, context)
    shape, parent = context.shape, getattr(context.shape, "parent", None)
    service = context.service_model.service_name if context.service_model else ""
    about = (type(picker), service, parent and parent.name, shape.name, shape.serialization.get("name"), context.key)
    keys = _candidates.get(about)
    if keys is None:
        keys = _candidates[about] = list(picker.get_possible_keys(context))
    if any("." in key for key in keys):  # a path
        return _pick(picker, context)
    return next((context.obj[key] for key in keys if key in context.obj), None)


_pick = AttributePicker.__call__
_candidates: dict[tuple[Any, ...], list[str]] = {}


def _make_backend_once(backends: Any, account: str) -> None:
    """What moto asks for at each look into a dictionary of backends; those of most services are compared for it."""
    if not dict.__contains__(backends, account):
        _make_backend(backends, account)


_make_backend = BackendDict._create_account_specific_backend  # noqa: SLF001


def _regions(_: AccountSpecificBackend[Any], service: str) -> list[str]:
    return list(_regions_of(service))


@cache
def _regions_of(service: str) -> list[str]:
    found = AccountSpecificBackend.get_session()
    partitions = found.get_available_partitions()
    return [region for each in partitions for region in found.get_available_regions(service, partition_name=each)]
