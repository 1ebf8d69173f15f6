"""The import's story as `make demo` runs it, added to the shipped rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.__main__ import SHIPPED, main
from demo.imports import rules
from demo.imports.prepare import prepare
from demo.prepare import Skipped
from sandbox.kernel.delays import delays
from sandbox.stagegate.members import GOVERNANCE, Role

pytestmark = pytest.mark.slow  # `make demo` tells it, with the same expectations

NOBODY, IMPORTED = (
    "hosting (Administrator -, ModelConsumer -, import's role -, lookalike -)  governance -",
    "hosting (Administrator i, ModelConsumer i, import's role lwk, lookalike -)  governance -",
)
CLOSED, OTHER_VERSION, THIS_VERSION = (
    "test -  prod -",
    "test (Administrator -, ModelTester k)  prod (Administrator -, ModelOperator k)",
    "test (Administrator -, ModelTester lwk)  prod (Administrator -, ModelOperator lwk)",
)
TESTED = "test (Administrator -, ModelTester lwk)  prod -"
SEEN = [
    *[(CLOSED, NOBODY)] * 2,
    *[(TESTED, NOBODY)] * 3,
    *[(THIS_VERSION, IMPORTED)] * 3,
    (CLOSED, NOBODY),
    (OTHER_VERSION, NOBODY),
    (OTHER_VERSION, NOBODY),
    (THIS_VERSION, IMPORTED),
    *[(CLOSED, NOBODY)] * 2,
]
"""By roles of test and prod, and by those that have to do with the import: see the legend."""
Played = tuple[int, dict[str, Any], list[str]]
"""The exit status, the JSON and the lines that were printed."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    path = tmp_path_factory.mktemp("demo") / "demo.json"
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("demo.terminal.print", lambda text, **_: printed.append(text), raising=False)
        status = main(["--story", "import", "--json", str(path)])
    return status, json.loads(path.read_text()), [line for text in printed for line in text.splitlines()]


def test_every_observation_is_the_expected_one(played: Played) -> None:
    status, document, printed = played
    assert [step for step in document["steps"] if not step["ok"]] == [], printed
    assert (status, document["ok"], document["skipped"]) == (0, True, {})
    assert {step["story"] for step in document["steps"]} == {"import"}
    assert [step["observed"].split(";")[0] for step in document["steps"]] == [
        f"dev lwk  {deploying}  {hosting}" for deploying, hosting in SEEN
    ]


def test_what_is_opened_is_there_with_the_model_and_gone_with_it(played: Played) -> None:
    for step, (_, hosting) in zip(played[1]["steps"], SEEN, strict=True):
        there = "model mistral-support-1, 1 role; for it: 3 statements on the bucket, 1 grant on the key"
        wanted = there if hosting == IMPORTED else "no model, no role; for it: nothing"
        assert f"in 777788889999: {wanted}" in step["observed"], step["action"]
        assert "another team's statements stay (EncryptedOnly" in step["observed"]


def test_an_import_keeps_to_its_limit_and_a_run_with_nothing_to_do_writes_nothing(played: Played) -> None:
    _, document, printed = played
    assert "calls to S3, KMS, IAM and Bedrock, 0 of them writes" in document["steps"][7]["observed"]
    assert any(line.split()[:3] == ["imports", "a", "model"] for line in printed)
    assert delays.wait_factor == 1.0, "the story waits less, and only the story"


def test_what_is_printed_fits_the_terminal_and_says_why_something_is_not_imported(played: Played) -> None:
    lines = played[2]
    assert [line for line in lines if len(line) > 100] == []
    shown = "\n".join(lines)
    for text in (
        "| - Approved opens hosting, to import it; may be set by",
        "| arn:aws:iam::777788889999:role/ModelConsumer has invoked it.",
        "| - [block] ImportArchive: s3://foundation-weights/mistral-support/2/ has model.tar.gz.",
        "ForeignDeny: Statement OursAlone in the policy of bucket",
        "opened role, key, bucket, group, import",
        "imported the model",
        "  hosting import's role  -        lwk      lwk      -        -        -        lwk      -",
        "card",
    ):
        assert text in shown


class _Elsewhere:
    """An organization whose approver is of another account than the registry."""

    profiles = {"approver": Role("222233334444", "ModelApprover", "approver")}  # noqa: RUF012  nobody changes it


def test_a_file_that_the_rules_cant_be_added_to_is_no_file_for_it(tmp_path: Path) -> None:
    settings = tmp_path / "governance.toml"
    shipped = SHIPPED.read_text()
    hosting = '[[stages]]\nname = "models"\naccounts = ["777788889999"]\n'
    approver = f"arn:aws:iam::{GOVERNANCE}:role/ModelApprover"
    for text, reason in (
        (shipped.partition("[packages]")[0], "has no [packages]"),
        (rules.present(SHIPPED, approver, "222233334444", "a-key"), "has [[imports]] already"),
        (f"{shipped}\n{hosting}", "has 777788889999 as a stage already"),
        (shipped, "role/ModelApprover can't approve packages of 111122223333"),
    ):
        settings.write_text(text)
        heard = prepare(_Elsewhere(), settings, judged=False)  # type: ignore[arg-type]
        assert isinstance(heard, Skipped)
        assert reason in heard.reason
