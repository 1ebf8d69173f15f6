"""Writes the sandbox's public hub from a table of JumpStart's models.

python -m tools.catalogue TABLE.csv [OUTPUT.json]

The table has one model a row, with at least the columns of FROM_TABLE; an empty cell is unknown, and stays so. What
the table doesn't say at all, and a public hub has, is made up by a seed of the model's id: the same table always gives
the same file. A reader that trusts every model to say everything should fail on it: some lack a provider or a licence,
some are deprecated, spellings differ.
"""

import csv
import json
import random
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "sandbox" / "services" / "sagemaker" / "hubs" / "public_hub.json"

FROM_TABLE = {
    "id": "model_id",
    "version": "version",
    "type": "model_type",
    "framework": "sdk_framework",
    "task": "problem_type",
    "provider": "provider",
    "fine_tunable": "fine_tunable",
    "min_sdk": "min_sdk_version",
    "url": "source_url",
}
"""Column of the data file -> column of the table. `task` is the name that the table's source has for it."""
SEEDED = ("license", "support", "gated", "languages")
"""Made up. `gated` is about Llama and Gemma as published (their artifacts are behind an EULA), and a few others."""

BOOLEANS = {"": None, "True": True, "False": False}

LICENSES = ("Apache 2.0", "apache-2.0", "MIT", "BigScience RAIL", "CreativeML Open RAIL-M", "cc-by-nc-4.0")
COMMUNITY = "Community License"
"""What stands for the terms of a model behind an EULA."""
SUPPORT = {"Deprecated": 0.05, "Restricted": 0.02}
"""Share of the models; the others are supported."""
WITHOUT_LICENSE = 0.2
GATED = 0.03
MANY_LANGUAGES = 0.02
"""Share of the models with more languages than a hub has room for keywords."""


def row(model: Mapping[str, str]) -> list[object]:
    """One model of the data file, in the order of `columns`."""
    known: list[object] = [BOOLEANS.get(cell, cell) for cell in (model[column] for column in FROM_TABLE.values())]
    name = model["model_id"]
    seed = random.Random(name)  # noqa: S311  the same for everybody, so not a secret
    license_drawn, support_drawn, gated_drawn, languages_drawn = (seed.random() for _ in SEEDED)
    support, passed = "Supported", 0.0
    for status, share in SUPPORT.items():
        if passed <= support_drawn < passed + share:
            support = status
        passed += share
    is_open = model["model_type"] == "open_weights"
    licensed = is_open and license_drawn >= WITHOUT_LICENSE
    behind_eula = name.startswith("meta-") or "gemma" in name or gated_drawn < GATED
    return [
        *known,
        (COMMUNITY if behind_eula else seed.choice(LICENSES)) if licensed else None,
        support,
        is_open and behind_eula,
        60 if languages_drawn < MANY_LANGUAGES else 1,
    ]


def text(models: Iterable[Mapping[str, str]]) -> str:
    """The data file: JSON with one model a line, by id."""
    rows = sorted((row(model) for model in models), key=lambda each: str(each[0]))
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in rows)
    return f'{{"columns": {json.dumps([*FROM_TABLE, *SEEDED])},\n"models": [\n{lines}\n]}}\n'


def main(table: str, output: str = str(OUTPUT)) -> int:
    """Read the table, write the file."""
    with Path(table).open(newline="") as opened:
        Path(output).write_text(text(csv.DictReader(opened)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (2, 3) else __doc__)
