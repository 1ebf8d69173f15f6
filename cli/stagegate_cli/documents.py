"""What the rules' documents will weigh, guardrails and fences, before the first run writes them. Pure."""

import itertools
from dataclasses import replace
from functools import partial

from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.limits import MANAGED_POLICY_LIMIT, SCP_LIMIT
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules
from stagegate.rules.names import sync_roles
from stagegate.rules.narrowed.covers import Cover
from stagegate.subjects.guardrails.denials.documents import document_of as guardrail_document
from stagegate.surfaces.fences.model import Fence, accounts_by_cover, fence_of
from stagegate.surfaces.fences.model import document_of as fence_document
from stagegate_cli.checks import Check, largest

_LONGEST_CARD = 63
"""Characters of a card's name ("CreateModelCard", API reference of SageMaker)."""


def of_rules(
    rules: Rules, *, account: str, region: str, partition: str, prefix: str, role_path: str
) -> tuple[Check, ...]:
    """Return the checks of every guardrail's document, and of every fence's."""
    exempt = sync_roles(prefix, account, partition, role_path)
    problems: list[str] = []
    sizes: dict[str, int] = {}
    for guardrail in rules.guardrails:
        if not guardrail.denies:
            continue
        spared = exempt if account in guardrail.accounts else ()
        try:
            sizes[guardrail.name] = len(guardrail_document(guardrail, partition, spared).encode())
        except DocumentTooLargeError as error:
            problems.append(str(error))
    most = f"{max(sizes.values()):,} bytes at most" if sizes else "none"
    allowed = f"{SCP_LIMIT:,} by scp, {MANAGED_POLICY_LIMIT:,} by boundary"
    return (
        Check("rules: guardrails' documents", most, allowed, tuple(problems)),
        *_fences(rules, account=account, region=region, partition=partition),
    )


def _fences(rules: Rules, *, account: str, region: str, partition: str) -> tuple[Check, ...]:
    """A fence whose account writes some cards and only reads others names those that it may write: how many fit."""
    sizes: dict[str, int] = {}
    room: list[int] = []
    for each in accounts_by_cover(rules, Cover.ALL, Cover.OTHERS):
        fence = fence_of(rules, each)
        size = partial(_size, fence, account=account, region=region, partition=partition)
        sizes[each] = size(cards=0)
        if fence.covers is Cover.OTHERS:
            limit = SCP_LIMIT if fence.kind is FenceKind.SCP else MANAGED_POLICY_LIMIT
            room.append(next(count for count in itertools.count(1) if size(cards=count + 1) > limit))
    check = largest("rules: fences' documents", sizes, SCP_LIMIT, "bytes")
    names = f"; room for {min(room)} cards that may be written" if room else ""
    return (replace(check, found=f"{check.found}{names}"),)


def _size(fence: Fence, *, cards: int, account: str, region: str, partition: str) -> int:
    """Return the bytes of a fence that excepts so many cards of the longest names."""
    named = [
        f"arn:{partition}:sagemaker:{region}:{account}:model-card/{number:0{_LONGEST_CARD}}" for number in range(cards)
    ]
    return len(fence_document(fence, named, partition=partition, governance_account=account).encode())
