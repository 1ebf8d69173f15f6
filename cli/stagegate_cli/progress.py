"""What a waiting person sees on a terminal; nothing where there is none, or where JSON is wanted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callable[[str], None] | None]:
    """Yield what shows the step that `what` is at on the standard error output, None where nobody would see it."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if quiet or not console.is_terminal:
        yield None
        return
    with console.status(Text(what)) as status:
        yield lambda step: status.update(Text(f"{what}: {step}"))
