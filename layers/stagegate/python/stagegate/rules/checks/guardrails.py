"""Finds guardrails that make no sense, or could not be put on."""

from collections.abc import Iterator, Mapping

from stagegate.rules.checks.placed import placed
from stagegate.rules.checks.roles import unchangeable
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.formats import ANY, select
from stagegate.rules.guardrails import Access, DirectDeployment, GuardrailKind
from stagegate.rules.problems import Problem, shown
from stagegate.rules.toml_lines import KeyPath

_ON = {GuardrailKind.BOUNDARY.value: ("roles", "domains"), GuardrailKind.SCP.value: ("accounts",)}
"""By kind, the keys that say on whom a guardrail is."""
_DENIES = ("public_hub", "bedrock", "jumpstart")
_TAKES = (*_DENIES, "direct_deployment")


def check(tables: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problems of meaning in the guardrails of governance.toml."""
    for path, found in select(tables, ("guardrails", ANY)):
        if isinstance(found, dict):
            yield from _on_whom(found, path)
            yield from _outside(tables, found, path)
            yield from _nothing(found, path)
            yield from _pointless(found, path)
            yield from unchangeable((*path, "roles"), found.get("roles"))
            for models in ("bedrock", "jumpstart"):
                yield from _models(found.get(models), (*path, models))
    yield from _fenced(tables)
    yield from _twice(tables)


def _on_whom(found: Mapping[str, object], path: KeyPath) -> Iterator[Problem]:
    kind = found.get("by")
    if not isinstance(kind, str) or kind not in _ON:
        return
    named = " or ".join(shown(key) for key in _ON[kind])
    if not any(found.get(key) for key in _ON[kind]):
        yield Problem(path=path, found=f"by = {shown(kind)} without {named}", allowed=f"{named}: on whom it is")
    for other, keys in _ON.items():
        for key in keys:
            if other != kind and found.get(key):
                allowed = f"{named}, or by = {shown(other)}"
                yield Problem(path=(*path, key), found=f"{shown(key)} with by = {shown(kind)}", allowed=allowed)


def _outside(tables: Mapping[str, object], found: Mapping[str, object], path: KeyPath) -> Iterator[Problem]:
    if found.get("by") == GuardrailKind.SCP and not select(tables, ("organization", "id")):
        allowed = '"boundary": without an organization there are no SCPs'
        yield Problem(path=(*path, "by"), found='"scp" outside an AWS organization', allowed=allowed)


def _nothing(found: Mapping[str, object], path: KeyPath) -> Iterator[Problem]:
    if not any(found.get(key) not in (None, Access.LEAVE.value) for key in _TAKES):
        allowed = f"at least one of {', '.join(map(shown, _TAKES))}"
        yield Problem(path=path, found="a guardrail that takes nothing away", allowed=allowed)


def _pointless(found: Mapping[str, object], path: KeyPath) -> Iterator[Problem]:
    """Canvas's setting is a domain's; a policy that denies nothing is none."""
    setting = found.get("direct_deployment")
    if setting in tuple(DirectDeployment) and not found.get("domains") and found.get("by") in _ON:
        yield Problem(
            path=(*path, "direct_deployment"),
            found=f'{shown(setting)} without "domains"',
            allowed='by = "boundary" with the "domains" whose setting it is',
        )
    if found.get("roles") and not any(found.get(key) not in (None, Access.LEAVE.value) for key in _DENIES):
        allowed = f"{', '.join(map(shown, _DENIES))}: what the roles may not use"
        yield Problem(path=(*path, "roles"), found='"roles" that nothing is denied', allowed=allowed)


def _models(found: object, path: KeyPath) -> Iterator[Problem]:
    if isinstance(found, dict) and bool(found.get("deny")) == bool(found.get("allow")):
        what = 'both "deny" and "allow"' if found.get("deny") else 'neither "deny" nor "allow"'
        allowed = 'one of them, with at least one model: "deny" these, or "allow" no others'
        yield Problem(path=path, found=what, allowed=allowed)


def _fenced(tables: Mapping[str, object]) -> Iterator[Problem]:
    """A role has one boundary: what is fenced by it can't be guarded by it."""
    fenced = {
        (account, role)
        for found in placed(tables)
        if found.stage.get("fence") == FenceKind.BOUNDARY
        for account in found.accounts
        for role in found.roles
    }
    for path, arn in select(tables, ("guardrails", ANY, "roles", ANY)):
        if isinstance(arn, str) and arn.count(":") == 5 and (arn.split(":")[4], arn.rsplit("/", 1)[-1]) in fenced:
            allowed = "a role of a stage that is fenced by scp, or a guardrail by scp: a role has one boundary"
            yield Problem(path=path, found=f"{shown(arn)}, which a stage fences by boundary", allowed=allowed)


def _twice(tables: Mapping[str, object]) -> Iterator[Problem]:
    """A role has one boundary: it, or the domain that it is found in, is under one guardrail."""
    allowed = "in one guardrail: a role has one boundary"
    named: set[str] = set()
    domains: list[tuple[object, object]] = []
    for above, guardrail in select(tables, ("guardrails", ANY)):
        here = [(path, arn) for path, arn in select(guardrail, ("roles", ANY), above) if isinstance(arn, str)]
        for path, arn in here:
            if arn in named:
                yield Problem(path=path, found=f"{shown(arn)}, which another guardrail names", allowed=allowed)
        named |= {arn for _, arn in here}
        for path, domain in select(guardrail, ("domains", ANY), above):
            if isinstance(domain, dict):
                account, id_ = domain.get("account"), domain.get("id")
                if any(account == other and (None in (id_, theirs) or id_ == theirs) for other, theirs in domains):
                    what = f"domain {id_}" if isinstance(id_, str) else "all domains"
                    yield Problem(path=path, found=f"{what} of {shown(account)}, one a second time", allowed=allowed)
                domains.append((account, id_))
