"""How a command ends: what it has found is printed, for people or as JSON, and says the exit code."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

import typer

if TYPE_CHECKING:
    from stagegate_cli.screen import Screen


class Result(Protocol):
    """What a command has found: a dataclass, whose fields are what `--json` prints."""

    @property
    def code(self) -> int:
        """The exit code."""


Found = TypeVar("Found", bound=Result)


def finish(found: Found, show: "Callable[[Found, Screen], Any]", *, json: bool) -> NoReturn:
    """Print what was found and end the command."""
    from stagegate_cli import screen  # with rich, which `--help` needn't load

    if json:
        screen.print_json(found)
    else:
        show(found, screen.Screen())
    raise typer.Exit(found.code)
