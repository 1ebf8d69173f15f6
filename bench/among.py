"""One approval in a bucket's policy that has so many packages, beside the first in an empty one."""

from bench.packages.curve import curve
from bench.packages.desired import Sharing
from bench.rows import Row, row
from stagegate.rules.model import BucketScope

MANY = 500
GOAL = 1.5


def rows(repeats: int) -> list[Row]:
    """Return the one row, of packages that are opened with the folder of their group."""
    first, last = curve(Sharing(accounts=1, scope=BucketScope.GROUP), (0, MANY), repeats)
    case = f"approval among {MANY}"
    return [row("policy capacity", case, ours=last.approval, beside=first.approval, unit="ms", goal=GOAL)]
