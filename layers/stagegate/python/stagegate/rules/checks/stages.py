"""Finds what has the shape of a rule and still makes no sense, or could not be done.

Works on the tables as they were read, not on `Rules`: so that a file's problems of shape and of meaning come in one
report, whichever it has.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from stagegate.core.statuses import CardStatus, PackageStatus
from stagegate.rules.checks import audiences, fences, gates, guardrails, hubs, quotas
from stagegate.rules.checks.imports import imports
from stagegate.rules.checks.placed import placed
from stagegate.rules.checks.registrations import registrations
from stagegate.rules.checks.roles import roles
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.formats import ANY, FORMATS, NOT_EMPTY, NUMBERS, PRINCIPAL, SECTIONS, UNIQUE, PathPattern, select
from stagegate.rules.model import PrincipalScope
from stagegate.rules.problems import Problem, one_of, shown

_STATUS: PathPattern = ("cards", "status")
_PACKAGE_STATUS: PathPattern = ("packages", "status")


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of meaning in what was read from governance.toml."""
    yield from _written_wrongly(tables)
    yield from _out_of_range(tables)
    yield from _empty(tables)
    yield from _repeated(tables)
    yield from _unknown_names(tables)
    yield from _missing_statuses(tables)
    yield from _organization(tables)
    yield from _fences(tables)
    yield from _nobody(tables)
    yield from gates.check(tables)
    yield from audiences.check(tables)
    yield from roles(tables)
    yield from guardrails.check(tables)
    yield from registrations(tables)
    yield from hubs.check(tables)
    yield from imports(tables)
    yield from quotas.check(tables)
    yield from fences.check(tables)


def _written_wrongly(tables: Mapping[str, object]) -> Iterator[Problem]:
    for pattern, written in FORMATS.items():
        for path, value in select(tables, pattern):
            if not isinstance(value, str) or written.fits(value):
                continue
            allowed = written.meaning
            if written is PRINCIPAL and ("*" in value or "?" in value):
                allowed += ", without wildcards: a pattern would let in principals that nobody listed"
            yield Problem(path=path, found=shown(value), allowed=allowed)


def _out_of_range(tables: Mapping[str, object]) -> Iterator[Problem]:
    for pattern, (least, most) in NUMBERS.items():
        for path, value in select(tables, pattern):
            if isinstance(value, int) and not isinstance(value, bool) and not least <= value <= most:
                yield Problem(path=path, found=shown(value), allowed=f"a whole number from {least} to {most}")


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
        (("hubs", ANY, "shares", ANY, "stage"), stages),
        ((*_PACKAGE_STATUS, ANY, "opens", ANY), stages),
        (("packages", "lifecycle", ANY, "stage"), stages),
        (("registrations", ANY, "stage"), stages),
        (("imports", ANY, "stage"), stages),
        (("audiences", ANY, "stages", ANY, "stage"), stages),
        (("cards", "required_sections", ANY), SECTIONS),
    )
    for pattern, names in known:
        for path, value in select(tables, pattern):
            if isinstance(value, str) and names and value not in names:
                yield Problem(path=path, found=shown(value), allowed=one_of(names, value))


def _missing_statuses(tables: Mapping[str, object]) -> Iterator[Problem]:
    kinds: tuple[tuple[PathPattern, type[StrEnum]], ...] = ((_STATUS, CardStatus), (_PACKAGE_STATUS, PackageStatus))
    for pattern, statuses in kinds:
        for path, value in select(tables, pattern):
            for status in statuses:
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
    told = set()
    for found in placed(tables):
        path, stage = found.path, found.stage
        fence = stage.get("fence", FenceKind.SCP.value)
        if path in told:
            continue
        if fence == FenceKind.BOUNDARY and not stage.get("roles"):
            allowed = '"boundary" with the "roles" that it covers, or "scp"'
            yield Problem(path=(*path, "fence"), found='"boundary" without "roles"', allowed=allowed)
        elif fence == FenceKind.SCP and outside and stage.get("name") in read_only:
            what = '"scp" for a stage that may only read, outside an AWS organization'
            allowed = '"boundary" with the "roles" that it covers: without an organization there are no SCPs'
            yield Problem(path=(*path, "fence"), found=what, allowed=allowed)
        told.add(path)


def _nobody(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Find stages that packages open for their roles, and that name none."""
    without = {found.name for found in placed(tables) if not found.stage.get("roles")}
    scopes = [value for _, value in select(tables, ("packages", "principals"))]
    if scopes and scopes != [PrincipalScope.ROLES.value]:
        return
    for path, name in select(tables, (*_PACKAGE_STATUS, ANY, "opens", ANY)):
        if isinstance(name, str) and name in without:
            allowed = 'a stage with "roles", or principals = "account" for everybody whom its accounts let at it'
            yield Problem(path=path, found=f"{shown(name)}, which names no roles", allowed=allowed)
