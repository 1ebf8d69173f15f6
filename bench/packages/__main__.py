"""Measures both, prints tables, and writes `.sandbox/bench/packages.json`.

python -m bench.packages [--tiny]   with --tiny, just enough to see that it runs
"""

import sys
from dataclasses import asdict

from bench.results import table, write
from stagegate.rules.model import BucketScope, PrincipalScope
from stagegate.targets.target import TargetType

from .capacity import ENOUGH, MOST_ACCOUNTS, Capacity, capacity, repository_accounts, sharings
from .curve import Point, curve
from .desired import Sharing

FITS = ("document", "scope", "to", "accounts", "packages", "packages x accounts", "full")
CURVE = ("packages before", "full", "approval, ms", "to the first", "rendering, ms", "peer, ms", "approval to peer")


def measured(*, tiny: bool = False) -> tuple[list[Capacity], list[Point]]:
    """Return what fits, and the curve."""
    accounts, most = ((1, 2), 3) if tiny else ((1, 5, 20), ENOUGH)
    sizes, repeats = ((0, 2), 1) if tiny else ((0, 10, 50, 150), 9)
    fits = [
        capacity(surface, sharing, most)
        for surface in (TargetType.BUCKET_POLICY, TargetType.GROUP_POLICY)
        for sharing in sharings(surface, accounts)
    ]
    most_accounts = most if tiny else MOST_ACCOUNTS
    fits += [repository_accounts(principals, most_accounts) for principals in PrincipalScope]
    return fits, curve(Sharing(accounts=1), sizes, repeats)


def main() -> int:
    """Print what was measured."""
    fits, points = measured(tiny="--tiny" in sys.argv)
    print(table(FITS, list(map(_row, fits))))
    first = points[0]
    rows = [
        (
            point.packages,
            f"{point.percent} %",
            f"{point.approval:.0f}",
            f"{point.approval / first.approval:.2f}",
            f"{point.rendering:.1f}",
            f"{point.peer:.1f}",
            f"{point.approval / point.peer:.0f}",
        )
        for point in points
    ]
    print(f"\n{table(CURVE, rows)}")
    print(f"\n{write('packages', {'fits': list(map(asdict, fits)), 'curve': list(map(asdict, points))})}")
    return 0


def _row(found: Capacity) -> tuple[object, ...]:
    sharing, full = found.sharing, f"{found.percent} %"
    among = f", {sharing.audiences} audiences" if sharing.audiences else ", subsets" if sharing.at_random else ""
    accounts = f"{sharing.accounts}{among}"
    if found.document is TargetType.REPOSITORY_POLICY:
        return found.document, "all of it", sharing.principals, accounts, "any", "", full
    products = sum(len(sharing.stages(number)) for number in range(found.packages))
    by = f", listing {sharing.listing}" if sharing.listing is not BucketScope.EXACT else ""
    scope = f"{sharing.scope}{by}" if found.document is TargetType.BUCKET_POLICY else "versions"
    packages = f"{found.packages}{'+' if found.packages >= ENOUGH else ''}"
    return found.document, scope, sharing.principals, accounts, packages, products, full


if __name__ == "__main__":
    sys.exit(main())
