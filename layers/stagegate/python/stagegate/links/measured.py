"""A package takes the metrics of its card: where a stage asks for some, a card has to open it."""

from dataclasses import replace

from stagegate.approvals.entitlement import Entitled
from stagegate.core.findings import blocked
from stagegate.links.about import opens
from stagegate.links.link import Link
from stagegate.rules.model import Rules


def measured(entitled: Entitled, rules: Rules, link: Link | None) -> Entitled:
    """Return what a package is entitled to, without the stages that ask for metrics and that no card opens for it.

    The card's own run has compared them. What the package's own card says of metrics counts for nothing: nobody
    approves it, and whoever may update the package may write it. A card that can't be read takes nothing that it has
    opened.
    """
    shut = {
        each.stage
        for each in entitled.entitlements
        if rules.stage(each.stage).metrics and not _is_opened(link, each.stage)
    }
    findings = (
        blocked(
            "MetricsUnknown",
            f"{stage} asks for metrics, which a package takes from its card, and no card opens {stage} for it. Name the"
            " package in a card that has them, and have the card approved.",
            stage,
        )
        for stage in sorted(shut)
    )
    return replace(
        entitled,
        entitlements=tuple(each for each in entitled.entitlements if each.stage not in shut),
        findings=(*entitled.findings, *findings),
    )


def _is_opened(link: Link | None, stage: str) -> bool:
    if link is None:
        return False
    return link.is_before_unread or any(opens(word, link.package, stage, keeping=True) for word in link.speaking)
