"""Proves policy documents: all of Stagegate's own, or somebody else's.

python -m proofs                                             every document that Stagegate generates, and 200 mistakes
python -m proofs --document file.json --grants file.json     one document, against a file of grants (policies/grants.py)

Exits 0 if everything is proven, 1 if a request is answered differently, 2 for a file that can't be read, and 3 if
something isn't proven.
"""

import argparse
import json
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from proofs.figures import Figure, write
from proofs.policies.prove import Answer, Verdict, prove

SEEDS = 200
MOST_MILLISECONDS = 300
"""The median for a document may take no longer."""
_EXITS = {Answer.PROVEN: 0, Answer.DIFFERENT: 1, Answer.NOT_PROVEN: 3}


def main() -> int:
    """Prove what the command line asks for."""
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--document", type=Path, help="a policy document, as JSON")
    parser.add_argument("--grants", type=Path, help="what it should give, as proofs/policies/grants.py says")
    given = parser.parse_args()
    if bool(given.document) != bool(given.grants):
        parser.error("found one of DOCUMENT and GRANTS; allowed: both, or neither for all of Stagegate's own documents")
    return _one(given.document, given.grants) if given.document else _all()


def _one(document: Path, grants: Path) -> int:
    try:
        text, wanted = document.read_text(), json.loads(grants.read_text())
    except (OSError, ValueError) as error:
        print(f"DOCUMENT and GRANTS: found what can't be read: {error}; allowed: JSON", file=sys.stderr)
        return 2
    verdict = prove(text, wanted)
    print(json.dumps(verdict.to_json(), indent=2))
    return _EXITS[verdict.answer]


def _all() -> int:
    from proofs.cases import cases
    from proofs.replay import ALIKE, CONFIRMED, UNKNOWN, confirmed
    from proofs.seeds import some_seeds

    listed = list(cases())
    verdicts = {case.name: prove(case.document, case.wanted) for case in listed}
    _report(verdicts)
    seeds = some_seeds(listed, SEEDS)
    found = 0
    answers: Counter[str] = Counter()
    for seed in seeds:
        verdict = prove(seed.document, seed.case.wanted)
        found += verdict.answer is Answer.DIFFERENT
        if verdict.answer is not Answer.DIFFERENT:
            print(f"not found: {seed.mistake} in statement {seed.statement} of {seed.case.name}")
        for witness in verdict.witnesses:
            answer = confirmed(seed.case.document, seed.document, seed.case.kind, witness.request)
            answers[answer] += 1
            if answer == ALIKE:
                print(f"{answer}: {seed.mistake} in {seed.case.name}: {json.dumps(witness.to_json())}")
    proven = sum(verdict.answer is Answer.PROVEN for verdict in verdicts.values())
    median = round(1000 * statistics.median(verdict.seconds for verdict in verdicts.values()))
    longest = round(1000 * max(verdict.seconds for verdict in verdicts.values()))
    asked = answers[CONFIRMED] + answers[ALIKE]
    return write(
        "proofs",
        [
            Figure("documents proven", proven, len(listed), ok=proven == len(listed)),
            Figure("seeded mistakes found", found, len(seeds), ok=found == len(seeds) >= SEEDS),
            Figure(CONFIRMED, answers[CONFIRMED], asked, ok=answers[CONFIRMED] == asked > 0),
            Figure(UNKNOWN, answers[UNKNOWN], None, ok=answers[UNKNOWN] < asked // 10),
            Figure("median for a document, ms", median, MOST_MILLISECONDS, ok=median <= MOST_MILLISECONDS),
            Figure("longest for a document, ms", longest, None, ok=True),
        ],
    )


def _report(verdicts: dict[str, Verdict]) -> None:
    for name, verdict in verdicts.items():
        if verdict.answer is not Answer.PROVEN:
            said: dict[str, Any] = verdict.to_json()
            print(f"{verdict.answer}: {name}: {json.dumps(said['witnesses'] or said['reason'])}")


if __name__ == "__main__":
    sys.exit(main())
