"""Measures what docs/performance.md promises, prints one table, and writes `bench/results.json`.

python -m bench [--quick]   with --quick, fewer functions and rounds: two minutes at most

Each row stands beside a floor or a peer that was measured in the same run, so that a busy or slow machine has both.
Exits 1 if a sweep costs more among many; a goal that isn't met is said in its row.
"""

import sys

from bench import among, cold_start, command, first_event, sweep
from bench.rows import Row, shown, written

QUICK = ("apply_policy", "plan", "record_approval", "report", "sweep")


def main(*, quick: bool) -> int:
    """Print what was measured, and write it; return the exit code."""
    sweeps, problems = sweep.rows([10, 40] if quick else [100, 400])
    rows: list[Row] = [
        *cold_start.rows(QUICK if quick else cold_start.FUNCTIONS, rounds=3 if quick else 12),
        *first_event.rows(rounds=3 if quick else 9),
        *among.rows(repeats=1 if quick else 9),
        *sweeps,
        *command.rows(rounds=3 if quick else 9),
    ]
    print(shown(rows))
    print(f"\nwritten to {written(rows)}")
    print(*problems, sep="\n", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(quick="--quick" in sys.argv))
