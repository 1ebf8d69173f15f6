"""Writes docs/command-line.md: what `stagegate --help` says of each command, and the shape of what `--json` prints.

python -m tools.command_reference [--check]
"""

import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from stagegate_cli.app import COMMANDS, app
from stagegate_cli.printed import PRINTED
from stagegate_cli.shapes import drawn, meanings

PAGE = Path(__file__).parents[1] / "docs" / "command-line.md"
INTRODUCTION = Path(__file__).parent / "command_reference.md"
_WIDTH = {"COLUMNS": "82", "TERMINAL_WIDTH": "82", "NO_COLOR": "1"}


def page() -> str:
    """Return the page."""
    parts = [INTRODUCTION.read_text(encoding="utf-8").rstrip()]
    parts += [_section(name_of(each)) for each in COMMANDS]
    return "\n\n".join(parts) + "\n"


def name_of(command: Any) -> str:
    """Return what a command is called."""
    return str(command.__name__).strip("_").replace("_", "-")


def help_of(*arguments: str) -> str:
    """Return what `--help` says."""
    found = CliRunner().invoke(app, [*arguments, "--help"], prog_name="stagegate", env=_WIDTH)
    return "\n".join(line.rstrip() for line in found.stdout.splitlines()).strip()


def _section(name: str) -> str:
    lines = [f"## {name}", "", "```text", help_of(name), "```"]
    if name in PRINTED:
        shape = PRINTED[name]
        lines += ["", "With `--json`:", "", "```text", drawn(shape), "```", ""]
        lines += [f"- `{each}`: {meaning}" for each, meaning in meanings(shape)]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write the page; with `--check`, say whether it is as it should be."""
    if arguments != ["--check"]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("docs/command-line.md isn't what the commands say: make command-reference", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
