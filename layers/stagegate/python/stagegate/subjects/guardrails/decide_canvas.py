"""Canvas's setting for direct deployment: what domains and profiles say of it, and what the rules do."""

from collections.abc import Iterable

from stagegate.core.findings import Finding, warned
from stagegate.rules.guardrails import DirectDeployment, Guardrail
from stagegate.subjects.guardrails.model import CanvasSetting, ObservedDomain
from stagegate.surfaces.guardrails.changes import DISABLED, ENABLED, SetDirectDeployment

_STATUS = {DirectDeployment.OFF: DISABLED, DirectDeployment.ON: ENABLED}


def settings_to_change(
    guardrail: Guardrail, domains: Iterable[ObservedDomain], partition: str
) -> tuple[SetDirectDeployment, ...]:
    """Return the settings that the rules switch. A profile that says nothing goes by its domain, and is left so."""
    status = _STATUS.get(guardrail.direct_deployment)
    return tuple(
        SetDirectDeployment(
            guardrail=guardrail.name,
            account=domain.account,
            partition=partition,
            domain=domain.id,
            status=status,
            profile=setting.profile,
        )
        for domain in domains
        for setting in domain.canvas
        if status and setting.direct_deployment != status and not (setting.profile and not setting.direct_deployment)
    )


def canvas_findings(guardrail: Guardrail, domains: Iterable[ObservedDomain]) -> tuple[Finding, ...]:
    """Return where the setting is on although nobody has said that it is to be."""
    if guardrail.direct_deployment is not DirectDeployment.OBSERVE:
        return ()
    return tuple(
        warned(
            "DirectDeployment",
            f'Canvas lets {_who(domain, on)} deploy models directly. Say direct_deployment = "off" to switch it off, or'
            ' "on" if it is meant to be on.',
        )
        for domain in domains
        if (on := [setting for setting in domain.canvas if setting.direct_deployment == ENABLED])
    )


def _who(domain: ObservedDomain, on: Iterable[CanvasSetting]) -> str:
    profiles = sorted(setting.profile for setting in on if setting.profile)
    by_default = any(setting.profile is None for setting in on)
    users = [*(["its users"] if by_default else []), *profiles]
    return f"{', '.join(users)} of domain {domain.id} of {domain.account}"
