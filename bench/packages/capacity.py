"""How many packages x accounts fit before a limit binds."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.render import render
from stagegate.iam.statements import Statement
from stagegate.rules.model import BucketScope, PrincipalScope
from stagegate.targets.compare import LIMITS
from stagegate.targets.target import OpenTarget, TargetType

from .desired import Sharing, desired_text, desired_texts

ENOUGH = 500
"""So many packages are no limit any more."""
MOST_ACCOUNTS = 1000
"""So many accounts aren't either."""
AUDIENCES = 5
WAYS = (
    (BucketScope.EXACT, BucketScope.EXACT),
    (BucketScope.EXACT, BucketScope.GROUP),
    (BucketScope.GROUP, BucketScope.EXACT),
)
"""How much of a bucket the rules may open."""
CHOICES = ((False, 0), (True, AUDIENCES), (True, 0))
"""To all accounts, to one of a few halves of them, or to any half (`Sharing.at_random` and `audiences`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How many `packages` fit into a document at once, and how full it is with them, in percent."""

    document: TargetType
    sharing: Sharing
    packages: int
    percent: float


def capacity(surface: TargetType, sharing: Sharing, most: int = ENOUGH) -> Capacity:
    """Return how many packages fit: of models with ten versions each in a bucket, versions of one model in a group."""
    made: list[OpenTarget] = []

    def percent(packages: int) -> float | None:
        while len(made) < packages:
            made.append(desired_text(sharing, surface, len(made), one_group=surface is TargetType.GROUP_POLICY))
        return _percent(surface, [statement for change in made[:packages] for statement in change.statements])

    packages = largest(lambda number: percent(number) is not None, most)
    return Capacity(document=surface, sharing=sharing, packages=packages, percent=percent(packages) or 0.0)


def repository_accounts(principals: PrincipalScope, most: int = MOST_ACCOUNTS) -> Capacity:
    """Return to how many accounts a repository can be opened: its policy opens all of it, whatever the packages."""

    def percent(accounts: int) -> float | None:
        change = desired_text(Sharing(accounts=accounts, principals=principals), TargetType.REPOSITORY_POLICY, 0)
        return _percent(TargetType.REPOSITORY_POLICY, change.statements)

    accounts = largest(lambda number: percent(number) is not None, most)
    sharing = Sharing(accounts=accounts, principals=principals)
    return Capacity(
        document=TargetType.REPOSITORY_POLICY, sharing=sharing, packages=most, percent=percent(accounts) or 0
    )


def sharings(surface: TargetType, accounts: tuple[int, ...]) -> list[Sharing]:
    """Return the ways to share that are measured for a document. Only a bucket has a scope."""
    ways = WAYS if surface is TargetType.BUCKET_POLICY else WAYS[:1]
    return [
        Sharing(accounts=of, principals=to, scope=scope, listing=listing, at_random=at_random, audiences=audiences)
        for (scope, listing), to, of, (at_random, audiences) in product(ways, PrincipalScope, accounts, CHOICES)
        if of >= AUDIENCES or not at_random
        if of > AUDIENCES or not audiences
    ]


def fits(surface: TargetType, sharing: Sharing, packages: int) -> bool:
    """Tell whether so many packages fit into a document at once."""
    made = desired_texts(sharing, surface, packages, one_group=surface is TargetType.GROUP_POLICY)
    return _percent(surface, [statement for change in made for statement in change.statements]) is not None


def largest(fits: Callable[[int], bool], most: int) -> int:
    """Return the largest number up to `most` that fits, if every smaller one does; 0 if none does."""
    good, bad = 0, 1
    while bad <= most and fits(bad):
        good, bad = bad, bad * 2
    bad = min(bad, most + 1)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if fits(middle) else (good, middle)
    return good


def _percent(surface: TargetType, statements: list[Statement] | tuple[Statement, ...]) -> float | None:
    """How full a document of these statements alone is, or None if it is too large."""
    try:
        return render(None, statements, LIMITS[surface]).percent
    except DocumentTooLargeError:
        return None
