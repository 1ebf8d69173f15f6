"""Fences: who may only read cards, writes none of the governance account's; their own cards are their own, and others'
are others'. Where single cards are excepted, a request that doesn't say whose the card is counts as the governance
account's.
"""

from collections.abc import Collection
from typing import Any

from proofs.expected.facts import HOME


def fence(account: str, excepted: Collection[str], *, is_boundary: bool, covers: str) -> dict[str, Any]:
    """Return what a fence should say of cards; `covers` is `all` of the governance account's, all `others` than those
    that are excepted, or `none`.
    """
    home, own = (f"arn:aws:sagemaker:*:{each}:model-card/*" for each in (HOME, account))
    everything = {"may": [{"like": "*"}], "on": ["*"]}
    update: dict[str, Any] = {"may": ["sagemaker:UpdateModelCard"]}
    if covers == "others" and excepted:
        update["but"] = [*sorted(excepted), {"like": own}]
        update["where"] = {"aws:ResourceAccount": [HOME, None]}
    else:
        update["on"] = [{"like": home}]
    return {
        "about": [{"like": "arn:aws:sagemaker:*:*:model-card/*"}],
        "grants": [everything] if is_boundary else [],
        "denials": [] if covers == "none" else [update],
    }
