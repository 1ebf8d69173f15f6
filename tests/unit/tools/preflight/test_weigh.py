"""A file of rules is weighed by `make check`: a document that no policy can hold is said at once."""

from pathlib import Path

import pytest

from tests.support.fixtures import SHIPPED
from tools.preflight import weigh

MODELS = ", ".join(f'"vendor{number:03}.a-model-with-a-long-name-v1:0"' for number in range(150))
GUARDRAIL = f"""
[[guardrails]]
name = "heavy"
by = "scp"
accounts = ["444455556666"]
bedrock = {{ deny = [{MODELS}] }}
"""


def test_the_shipped_rules_fit() -> None:
    assert weigh.main(SHIPPED) == 0


def test_a_guardrail_that_is_too_large_is_named_with_the_ways_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.read_text() + GUARDRAIL)
    assert weigh.main(path) == 1
    assert capsys.readouterr().err.startswith(f"{path}: guardrail heavy: found ")
