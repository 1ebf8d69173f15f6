"""Says which allowed actions the last run of the tests has not used: `make test`, then `make privileges`.

Exits 1 if there is one without a reason in unused.toml, or a reason that isn't needed, and 2 without a run.
"""

import sys

from proofs.figures import Figure, write
from proofs.privileges import check, record


def main() -> int:
    """Print what there is to do, in the form in which it can be put into unused.toml."""
    used = record.uses()
    if not used:
        print(f"found no record of a run in {record.FOLDER}; run: make test", file=sys.stderr)
        return 2
    allowed = check.allowed_by_templates()
    found = check.report(allowed, used, check.reasons())
    for role in sorted({role for role, _ in found.unused}):
        actions = ", ".join(f'"{action}"' for of, action in found.unused if of == role)
        print(f'[[unused]]\nroles = ["{role}"]\nactions = [{actions}]\nwhy = ""\n')
    for role, action in found.stale:
        print(f"not needed in unused.toml: {action} of {role}")
    explained = len(found.explained)
    return write(
        "privileges",
        [
            Figure(
                "actions of roles that a test uses, or that have a reason",
                found.allowed - len(found.unused),
                found.allowed,
                ok=not found.unused,
            ),
            Figure("of these, with a reason", explained, None, ok=True),
            Figure("reasons that aren't needed", len(found.stale), None, ok=not found.stale),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
