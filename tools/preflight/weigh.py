"""Weighs the documents that a governance.toml asks for, and says which are too large.

python -m tools.preflight.weigh FILE [PARTITION]
"""

import sys
from pathlib import Path

from stagegate.rules.load import load
from stagegate_cli import documents

_NOBODY = "000000000000"
"""The governance account, which a file of rules doesn't name: every id is as long."""


def main(path: Path, partition: str = "aws") -> int:
    """Print each document that AWS wouldn't take; return 1 if there is one."""
    rules = load(path, partition)
    checks = documents.of_rules(
        rules, account=_NOBODY, region="us-east-1", partition=partition, prefix="stagegate", role_path="/"
    )
    problems = [line for check in checks for line in check.problems]
    for line in problems:
        print(f"{path}: {line}", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m tools.preflight.weigh FILE [PARTITION]")
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
