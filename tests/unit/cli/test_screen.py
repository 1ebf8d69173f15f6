"""What others have written is shown as they wrote it, and steers neither the terminal nor the markup."""

import io
import json

import pytest
from rich.console import Console

from stagegate_cli import screen
from stagegate_cli.screen import Screen, complain, print_json

HOSTILE = (
    "[bold red]gone[/bold red] [link=https://evil.example]x[/link] :skull: \x1b[31m\x07\x9b2J\u202e\u200b\r\n$(id)"
)
SEEN = "[bold red]gone[/bold red] [link=https://evil.example]x[/link] :skull:"
STEERS = ("\x1b[31m", "\x07", "\x9b", "\u202e", "\u200b", "\r")


def page(*, terminal: bool) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    console = Console(
        file=out, width=80, force_terminal=terminal, no_color=True, highlight=False, markup=False, emoji=False
    )
    return Screen(console), out


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_is_text(*, terminal: bool) -> None:
    found, out = page(terminal=terminal)
    found.line(HOSTILE)
    found.prose(HOSTILE)
    found.items([HOSTILE])
    found.table(("name",), [(HOSTILE,)])
    printed = out.getvalue()
    assert " ".join(printed.split()).count(SEEN) == 4
    assert [each for each in STEERS if each in printed] == []


def test_errors_are_text_too(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"SUBJECT: found {HOSTILE}")
    printed = capsys.readouterr().err
    assert SEEN in " ".join(printed.split())
    assert [each for each in STEERS if each in printed] == []


def test_json_is_ascii_and_says_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"overview": HOSTILE})
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert "\x1b" not in printed
    assert json.loads(printed) == {"overview": HOSTILE}


@pytest.mark.parametrize(("count", "said"), [(0, "0 grants"), (1, "1 grant"), (5000, "5,000 grants")])
def test_counts_have_their_noun(count: int, said: str) -> None:
    assert screen.some(count, "grant") == said
