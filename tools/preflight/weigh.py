"""Weighs the documents that a governance.toml asks for, and says which are too large.

python -m tools.preflight.weigh FILE
"""

import sys
from pathlib import Path

from stagegate.rules.load import load
from tools.preflight import documents

_NOBODY = "000000000000"
"""The governance account, which a file of rules doesn't name: every id is as long."""


def main(path: Path) -> int:
    """Print each document that AWS wouldn't take; return 1 if there is one."""
    checks = documents.of_rules(
        load(path), account=_NOBODY, region="us-east-1", partition="aws", prefix="stagegate", role_path="/"
    )
    problems = [line for check in checks for line in check.problems]
    for line in problems:
        print(f"{path}: {line}", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tools.preflight.weigh FILE")
    sys.exit(main(Path(sys.argv[1])))
