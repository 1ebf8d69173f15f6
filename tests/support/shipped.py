"""The settings that Stagegate is shipped with."""

from pathlib import Path

SHIPPED = (Path(__file__).parents[2] / "layers" / "settings" / "governance.toml").read_text()


def by_approval_alone() -> str:
    """The shipped rules as tests take them that aren't about cards: a package opens for prod alone, once it is
    approved, whatever its card says.
    """
    return changed(
        ('card = "required"', 'card = "ignored"'),
        ('opens = ["test"]', "opens = []"),
        ('opens = ["test", "prod"]', 'opens = ["prod"]'),
    )


def reading_in_test(text: str = SHIPPED) -> str:
    """The same rules with test as an account that only reads cards, and so has a fence."""
    return changed(('{ stage = "test", write = true }', '{ stage = "test" }'), text=text)


def changed(*changes: tuple[str, str], text: str = SHIPPED) -> str:
    """The shipped rules with some text replaced, all of which must be there."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return text


def example_of(table: str) -> str:
    """What a commented example in the shipped rules says once it is uncommented: it ends at an empty line."""
    commented, _, _ = SHIPPED[SHIPPED.index(f"# [[{table}]]") :].partition("\n\n")
    return "".join(f"{line.removeprefix('# ')}\n" for line in commented.splitlines())
