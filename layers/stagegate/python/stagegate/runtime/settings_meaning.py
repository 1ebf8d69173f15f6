"""Finds what has the shape of a rule and still makes no sense, or could not be done.

Works on the tables as they were read, not on `Rules`: so that a file's problems of shape and of meaning come in one
report, whichever it has.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from stagegate.domain.lifecycle import CardStatus
from stagegate.domain.rules import FenceKind

from .settings_formats import ANY, FORMATS, NOT_EMPTY, PRINCIPAL, SECTIONS, UNIQUE, PathPattern, select
from .settings_problems import Problem, one_of, shown

_STATUS: PathPattern = ("cards", "status")


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of meaning in what was read from governance.toml."""
    yield from _written_wrongly(tables)
    yield from _empty(tables)
    yield from _repeated(tables)
    yield from _unknown_names(tables)
    yield from _missing_statuses(tables)
    yield from _organization(tables)
    yield from _fences(tables)


def _written_wrongly(tables: Mapping[str, object]) -> Iterator[Problem]:
    for pattern, written in FORMATS.items():
        for path, value in select(tables, pattern):
            if not isinstance(value, str) or re.fullmatch(written.expression, value):
                continue
            allowed = written.meaning
            if written is PRINCIPAL and ("*" in value or "?" in value):
                allowed += ", without wildcards: a pattern would let in principals that nobody listed"
            yield Problem(path=path, found=shown(value), allowed=allowed)


def _empty(tables: Mapping[str, object]) -> Iterator[Problem]:
    for pattern in NOT_EMPTY:
        for path, value in select(tables, pattern):
            if value == []:
                yield Problem(path=path, found=shown(value), allowed="at least one element")


def _repeated(tables: Mapping[str, object]) -> Iterator[Problem]:
    for holder, element in UNIQUE:
        for above, array in select(tables, holder):
            seen = set()
            for path, value in select(array, element, above):
                if isinstance(value, str) and value in seen:
                    yield Problem(path=path, found=f"{shown(value)} a second time", allowed="each once")
                elif isinstance(value, str):
                    seen.add(value)


def _unknown_names(tables: Mapping[str, object]) -> Iterator[Problem]:
    stages = list(dict.fromkeys(name for _, name in select(tables, ("stages", ANY, "name")) if isinstance(name, str)))
    known: tuple[tuple[PathPattern, Sequence[str]], ...] = (
        ((*_STATUS, ANY, "opens", ANY, "stage"), stages),
        (("approvers", ANY, "stage"), stages),
        (("cards", "required_sections", ANY), SECTIONS),
    )
    for pattern, names in known:
        for path, value in select(tables, pattern):
            if isinstance(value, str) and names and value not in names:
                yield Problem(path=path, found=shown(value), allowed=one_of(names, value))


def _missing_statuses(tables: Mapping[str, object]) -> Iterator[Problem]:
    for path, value in select(tables, _STATUS):
        for status in CardStatus:
            if isinstance(value, dict) and status not in value:
                allowed = "a table for each status, with opens = [] if it opens nothing"
                yield Problem(path=(*path, status.value), found="nothing", allowed=allowed)


def _organization(tables: Mapping[str, object]) -> Iterator[Problem]:
    for path, value in select(tables, ("organization",)):
        if isinstance(value, dict) and ("id" in value) == ("external_id" in value):
            found = 'both "id" and "external_id"' if "id" in value else 'neither "id" nor "external_id"'
            allowed = 'one of them: "id" inside an AWS organization, "external_id" where there is none'
            yield Problem(path=path, found=found, allowed=allowed)


def _fences(tables: Mapping[str, object]) -> Iterator[Problem]:
    read_only = {
        access.get("stage")
        for _, access in select(tables, (*_STATUS, ANY, "opens", ANY))
        if isinstance(access, dict) and isinstance(access.get("stage"), str) and not access.get("write")
    }
    outside = not select(tables, ("organization", "id"))
    for path, stage in select(tables, ("stages", ANY)):
        if not isinstance(stage, dict):
            continue
        fence = stage.get("fence", FenceKind.SCP.value)
        if fence == FenceKind.BOUNDARY and not stage.get("roles"):
            allowed = '"boundary" with the "roles" that it covers, or "scp"'
            yield Problem(path=(*path, "fence"), found='"boundary" without "roles"', allowed=allowed)
        elif fence == FenceKind.SCP and outside and stage.get("name") in read_only:
            found = '"scp" for a stage that may only read, outside an AWS organization'
            allowed = '"boundary" with the "roles" that it covers: without an organization there are no SCPs'
            yield Problem(path=(*path, "fence"), found=found, allowed=allowed)
