"""The plan for one guardrail's service control policy, on all its accounts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stagegate.core.findings import Finding, warned
from stagegate.rules.guardrails import Guardrail, GuardrailKind
from stagegate.rules.names import policy_name
from stagegate.subjects.guardrails.denials.documents import same
from stagegate.subjects.guardrails.model import ObservedScp
from stagegate.surfaces.guardrails.changes import PutScp, RemoveScp


@dataclass(frozen=True, slots=True, kw_only=True)
class ScpPlan:
    """What there is to do, in two groups; the accounts it will be on; and what it waits for."""

    raises: tuple[PutScp, ...] = ()
    lowers: tuple[RemoveScp, ...] = ()
    covers: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def plan_scp(
    name: str,
    document: str | None,
    accounts: Collection[str],
    marked: Collection[str],
    guardrails: Iterable[Guardrail],
    seen: ObservedScp,
    prefix: str,
) -> ScpPlan:
    """Return the plan for the policy on `accounts` (none, without a `document`). `marked` are those that a run has
    begun to put it on.

    It isn't taken off an account before every other guardrail that is to be on it by service control policy is.
    """
    wanted = set(accounts) if document else set()
    has = {account for account, names in seen.attached.items() if policy_name(prefix, name) in names}
    stands = seen.document is not None and document is not None and same(seen.document, document)
    raises: tuple[PutScp, ...] = ()
    if document and wanted and (wanted - has or not stands):
        raises = (
            PutScp(
                guardrail=name,
                document=document,
                accounts=tuple(sorted(wanted)),
                missing=tuple(sorted(wanted - has)),
                policy=seen.policy,
            ),
        )
    others = tuple(each for each in guardrails if each.name != name)
    awaited = {account: missing for account in has - wanted if (missing := _missing(others, account, seen, prefix))}
    leaves = tuple(sorted((has | set(marked)) - wanted - awaited.keys()))
    lowers: tuple[RemoveScp, ...] = ()
    if leaves:
        lowers = (RemoveScp(guardrail=name, accounts=leaves, policy=seen.policy, delete=not wanted and not awaited),)
    findings = tuple(
        warned(
            "AwaitsOther",
            f"Guardrail {name} stays on account {account} until {', '.join(missing)} is on it: start"
            f" {', '.join(f'guardrail/{each}' for each in missing)}.",
        )
        for account, missing in sorted(awaited.items())
    )
    return ScpPlan(raises=raises, lowers=lowers, covers=tuple(sorted(wanted | awaited.keys())), findings=findings)


def _missing(others: Iterable[Guardrail], account: str, seen: ObservedScp, prefix: str) -> tuple[str, ...]:
    return tuple(
        each.name
        for each in others
        if each.by is GuardrailKind.SCP
        and each.denies
        and account in each.accounts
        and policy_name(prefix, each.name) not in seen.attached[account]
    )
