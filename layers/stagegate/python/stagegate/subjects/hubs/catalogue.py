"""The public hub as it is now, with the documents that are on record or are read while there is time."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from stagegate.core.errors import StagegateError
from stagegate.ledger import catalogue
from stagegate.ledger.catalogue import Entry
from stagegate.rules.filters.public_model import PublicModel
from stagegate.subjects.context import Planner
from stagegate.subjects.hubs import observe_public

PERMISSIONS = observe_public.PERMISSIONS | catalogue.PERMISSIONS

READ_SECONDS = 30.0
"""How long a run of the plan reads documents: well within its function's time. What was read is kept."""
READERS = 8
SLICE = 50
"""Documents that are read before they are put on record, and the clock is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The models of the public hub by name, and what is on record of each."""

    models: Mapping[str, PublicModel]
    entries: Mapping[str, Entry]

    def arrived(self, since: str | None) -> dict[str, tuple[str, str]]:
        """Return the models of which a version has come since a time (ISO 8601): the one before it, and the latest.

        Nothing where nobody was ever told of anything (None): then nothing is new.
        """
        if since is None:
            return {}
        notified = datetime.fromisoformat(since)
        return {e.name: (e.before, e.version) for e in self.entries.values() if e.before and e.seen > notified}


def look(planner: Planner, unread: Callable[[Iterable[PublicModel]], Collection[str]], now: datetime) -> Catalogue:
    """Return the public hub. Documents that `unread` asks for are read until there are none, or the time is over."""
    deadline = time.monotonic() + READ_SECONDS
    environment = planner.environment
    models = observe_public.models(planner.sagemaker)
    known = catalogue.read(planner.dynamodb, environment.table, environment.region)
    entries = {name: _entry(model, known.get(name), now) for name, model in models.items()}
    _keep(planner, [entry for name, entry in entries.items() if entry != known.get(name)])
    models = {name: replace(model, document=entries[name].document) for name, model in models.items()}
    missing = sorted(unread(models.values()))
    while missing and time.monotonic() < deadline:
        part, missing = missing[:SLICE], missing[SLICE:]
        for entry in _read(planner, [entries[name] for name in part]):
            entries[entry.name] = entry
            models[entry.name] = replace(models[entry.name], document=entry.document)
    return Catalogue(models=models, entries=entries)


def _entry(model: PublicModel, known: Entry | None, now: datetime) -> Entry:
    """Return what is to be on record of a model: what is, unless its version is another."""
    if known and known.version == model.version:
        return known
    return Entry(name=model.name, version=model.version, seen=now, before=known.version if known else None)


def _read(planner: Planner, entries: Sequence[Entry]) -> list[Entry]:
    """Read documents and put them on record; what was read before an error is kept, too."""
    with ThreadPoolExecutor(READERS) as readers:
        found = list(readers.map(lambda entry: _tried(planner, entry), entries))
    read = [entry for entry in found if isinstance(entry, Entry)]
    _keep(planner, read)
    for error in found:
        if isinstance(error, StagegateError):
            raise error
    return read


def _tried(planner: Planner, entry: Entry) -> Entry | StagegateError:
    try:
        return replace(entry, document=observe_public.document(planner.sagemaker, entry.name, entry.version))
    except StagegateError as error:
        return error


def _keep(planner: Planner, entries: Sequence[Entry]) -> None:
    catalogue.write(planner.dynamodb, planner.environment.table, planner.environment.region, entries)
