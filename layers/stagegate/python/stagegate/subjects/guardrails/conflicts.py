"""Which guardrail has which role. A role has one boundary: the first in governance.toml that is about it counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stagegate.rules.guardrails import Guardrail, GuardrailKind
from stagegate.rules.names import account_of_role, name_of_role
from stagegate.subjects.guardrails.model import ObservedDomain


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A guardrail is about a role: because governance.toml names it, or because of `whose` it is in a domain."""

    guardrail: str
    whose: tuple[str, ...] = ()


def assignments_on(
    guardrails: Iterable[Guardrail], account: str, domains: Iterable[ObservedDomain]
) -> Mapping[str, tuple[Assignment, ...]]:
    """Return the claims on an account's roles, by their names: the one that counts, then the others."""
    found: dict[str, list[Assignment]] = {}
    here = tuple(domain for domain in domains if domain.account == account)
    for guardrail in guardrails:
        if guardrail.by is GuardrailKind.BOUNDARY and guardrail.denies:
            for name, whose in _roles(guardrail, account, here).items():
                found.setdefault(name, []).append(Assignment(guardrail=guardrail.name, whose=whose))
    return {name: tuple(assignments) for name, assignments in found.items()}


def has_domains(guardrails: Iterable[Guardrail], account: str) -> bool:
    """Tell whether any guardrail is on the roles of an account's domains."""
    return any(each.account == account for guardrail in guardrails if guardrail.denies for each in guardrail.domains)


def _roles(guardrail: Guardrail, account: str, domains: Iterable[ObservedDomain]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {
        name_of_role(arn): () for arn in guardrail.roles if account_of_role(arn) == account
    }
    named = set(found)
    for domain in domains:
        if any(rule.fits(account, domain.id) for rule in guardrail.domains):
            for role in domain.roles:
                name = name_of_role(role.arn)
                found[name] = () if name in named else (*found.get(name, ()), role.whose)
    return found
