"""What the oracle says of a private hub and of a guardrail, by the rules that histories begin with and by others."""

from pathlib import Path

import pytest

from soak.oracle import hubs
from soak.oracle.rules import Rules, read

FOLDER = Path(__file__).parents[3] / "soak" / "rules"
CANVAS = "arn:aws:iam::222233334444:role/Canvas"
CLAUDE, TITAN = "anthropic.claude-3-haiku-20240307-v1:0", "amazon.titan-text-express-v1"
PUBLISHED = {
    "soak-llm-a": "Supported",
    "soak-llm-b": "Supported",
    "soak-llm-c": "Deprecated",
    "soak-llm-preview": "Supported",
    "soak-floor": "Supported",
    "others-llm": "Supported",
}


def rules(name: str) -> Rules:
    return read(FOLDER / f"{name}.toml")


def test_a_hub_holds_what_is_let_in_and_not_kept_out() -> None:
    (base,), (strict,) = rules("base").hubs, rules("strict").hubs
    assert hubs.holds(base, PUBLISHED) == {"soak-llm-a", "soak-llm-b", "soak-floor"}
    assert hubs.holds(strict, PUBLISHED) == {"soak-llm-a", "soak-floor"}
    assert (base.shares, strict.shares) == ({"dev": "use", "prod": "read"}, {"dev": "read"})


def test_a_minimum_is_that_of_the_rule_which_names_the_model() -> None:
    (base,) = rules("base").hubs
    assert [hubs.minimum(base, name) for name in ("soak-floor", "soak-llm-a")] == ["1.1.0", None]


def test_a_guardrail_denies_its_models_to_its_roles_alone() -> None:
    base, strict, lenient = (rules(name) for name in ("base", "strict", "lenient"))
    assert [hubs.denies(each, CANVAS, CLAUDE) for each in (base, strict, lenient)] == [True, True, False]
    assert [hubs.denies(each, CANVAS, TITAN) for each in (base, strict, lenient)] == [False, True, False]
    assert not hubs.denies(base, CANVAS.replace("Canvas", "Other"), CLAUDE)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_the_rules_of_every_file_are_read(path: Path) -> None:
    """Those of trials too, whose guardrail names a domain and no roles."""
    assert read(path).stages
