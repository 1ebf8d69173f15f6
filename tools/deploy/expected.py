"""What governance.toml needs of the stack's parameters. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from stagegate.core.addresses import repository_of
from stagegate.core.errors import SettingsError
from stagegate.rules.checks import stack
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.members import members_of
from stagegate.rules.narrowed.stages import everywhere
from tools.deploy.parameters import parts

_EXAMPLE = re.compile(r"(\d)\1{3}(\d)\2{3}(\d)\3{3}|123456789012|012345678901")
"""Account ids that documentation uses, ours and AWS's: fours of one digit, or all digits in their order."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The stack that the parameters would make (`checks.stack.Stack`)."""

    account: str
    prefix: str


def problems(rules: Rules, values: Mapping[str, str], account: str, *, examples: bool = False) -> list[str]:
    """Return where rules and parameters differ, a line each. `account` is the governance account's id, and `examples`
    lets the accounts of documentation pass.
    """
    members = parts(values["MemberAccounts"])
    found = [
        f"{where}: found {each}, an account of the examples; allowed: accounts of yours"
        for where, accounts in _accounts(rules, members)
        for each in accounts
        if _EXAMPLE.fullmatch(each) and not examples
    ]
    try:
        stack.check(rules, Planned(account, values["Prefix"]))
    except SettingsError as error:
        found += str(error).splitlines()
    return [*found, *_bounds(rules, values, account), *_artifacts(rules, values, account)]


def _bounds(rules: Rules, values: Mapping[str, str], account: str) -> Iterable[str]:
    """Yield where the parameters bound the stack otherwise than the rules need it: by the organization, which holds
    however many accounts there are, or outside of one by a list of them.

    An account that only the parameters have is no problem: what is open there has to be closable.
    """
    given, id_ = values["OrganizationId"], rules.organization.id or ""
    if given != id_:
        yield f"OrganizationId: found {given!r}; allowed: {id_!r}, as governance.toml has {id_ or 'no'} organization.id"
    if not id_:
        for each in sorted(members_of(rules, account).difference(parts(values["MemberAccounts"]))):
            yield f"MemberAccounts: found nothing for {each}; allowed: all accounts of governance.toml, which has it"


def _accounts(rules: Rules, members: list[str]) -> Iterable[tuple[str, Iterable[str]]]:
    yield "MemberAccounts", members
    yield from ((f"stages.{stage.name}.accounts", stage.accounts) for stage in everywhere(rules))


def _artifacts(rules: Rules, values: Mapping[str, str], account: str) -> Iterable[str]:
    """Yield what the governance account owns by the rules, and no parameter names."""
    for bucket in rules.buckets:
        if bucket.account == account and not _is_named(values["ArtifactBuckets"], "s3", bucket.name):
            yield f"ArtifactBuckets: found nothing that fits bucket {bucket.name}; governance.toml has it here"
        service, owner, name = _taken_apart(bucket.key or "")
        if owner == account and not _is_named(values["ArtifactKeys"], service, name):
            yield f"ArtifactKeys: found nothing that fits {bucket.key}; governance.toml has it for bucket {bucket.name}"
    addresses = [address for registration in rules.registrations for address in registration.repositories]
    for address in addresses:
        found = repository_of(address)
        named = f"repository/{found.name}" if found else ""
        if found and found.account == account and not _is_named(values["ArtifactRepositories"], "ecr", named):
            yield f"ArtifactRepositories: found nothing that fits {address}; a registration has it"


def _is_named(value: str, service: str, name: str) -> bool:
    """Tell whether one of the ARNs of a parameter, whose names may end in `*`, is about that name."""
    found = map(_taken_apart, parts(value))
    return any(each == service and fnmatchcase(name, pattern) for each, _, pattern in found)


def _taken_apart(arn: str) -> tuple[str, str, str]:
    """Return an ARN's service, account and name, each empty where there is none."""
    _, _, service, _, account, name = (arn.split(":", 5) + [""] * 6)[:6]
    return service, account, name
