"""What the ledger calls fences. By themselves: plan knows them before it loads any target."""

_FENCE = "fence/"


def fence_target(account: str) -> str:
    """Return the id by which the ledger knows an account's fence: what is desired there are cards to except."""
    return f"{_FENCE}{account}"


def is_fence(target: str) -> bool:
    """Tell the id of a fence from those of other targets."""
    return target.startswith(_FENCE)
