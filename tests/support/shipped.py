"""The settings that Stagegate is shipped with."""

from pathlib import Path

SHIPPED = (Path(__file__).parents[2] / "layers" / "settings" / "governance.toml").read_text()


def example_of(table: str) -> str:
    """What a commented example in the shipped rules says once it is uncommented: it ends at an empty line."""
    commented, _, _ = SHIPPED[SHIPPED.index(f"# [[{table}]]") :].partition("\n\n")
    return "".join(f"{line.removeprefix('# ')}\n" for line in commented.splitlines())
