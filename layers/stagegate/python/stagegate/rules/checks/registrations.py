"""Finds registrations that nobody could use: of no roles, or with data in buckets that the file doesn't know."""

from collections.abc import Iterator, Mapping

from stagegate.rules.checks.placed import placed
from stagegate.rules.formats import ANY, select
from stagegate.rules.model import Bucket
from stagegate.rules.problems import Problem, shown


def registrations(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with registrations, beside their shape."""
    yield from _nobody(tables)
    yield from _unknown_buckets(tables)


def _nobody(tables: Mapping[str, object]) -> Iterator[Problem]:
    without = [found.name for found in placed(tables) if not found.stage.get("roles")]
    for path, entry in select(tables, ("registrations", ANY)):
        if isinstance(entry, dict) and "roles" not in entry and entry.get("stage") in without:
            found = f"{shown(entry.get('stage'))}, which names no roles"
            allowed = 'a stage with "roles", or the "roles" that register'
            yield Problem(path=(*path, "stage"), found=found, allowed=allowed)


def _unknown_buckets(tables: Mapping[str, object]) -> Iterator[Problem]:
    names = [name for _, name in select(tables, ("buckets", ANY, "name")) if isinstance(name, str)]
    for path, uri in select(tables, ("registrations", ANY, "data", ANY)):
        if not isinstance(uri, str) or not uri.startswith("s3://"):
            continue
        bucket = uri.removeprefix("s3://").partition("/")[0]
        if not any(Bucket(name=name, account="").fits(bucket) for name in names):
            allowed = "a folder of a bucket that [[buckets]] names, with its account and its key"
            yield Problem(path=path, found=shown(uri), allowed=allowed)
