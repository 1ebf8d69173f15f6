"""The models of claim and lease rest on guarantees of time: here they are, as the product has them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from proofs.models.checks import CHECKS, Kind
from stagegate.ledger.targets import LEASE_TIME
from tests.contract.lint_imports import ROOT

MODELS = ROOT / "proofs" / "models"


def govern() -> dict[str, Any]:
    found: dict[str, Any] = yaml_parse((ROOT / "statemachines" / "govern.asl.yaml").read_text())
    return found


def timeouts() -> dict[str, int]:
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    return {
        Path(resource["Properties"]["CodeUri"]).name: resource["Properties"]["Timeout"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Serverless::Function"
        # No run starts these two, and they hold no lease.
        and Path(resource["Properties"]["CodeUri"]).name not in ("report", "evidence")
    }


def takers() -> set[str]:
    """The functions that take a lease: those that write shared documents, fences, and packages in hubs."""
    source = {path.parent.name: path.read_text() for path in (ROOT / "functions").glob("*/app.py")}
    writers = ("PolicyWriter", "FenceWriter", "apply_hub")
    return {name for name, text in source.items() if any(writer in text for writer in writers)}


def test_a_claim_runs_out_after_its_run_and_the_functions_of_it() -> None:
    take = govern()["States"]["Take"]["Arguments"]["ExpressionAttributeValues"][":expires"]["N"]
    (claim,) = map(int, re.findall(r"\+ (\d+)\)", take))
    assert claim >= govern()["TimeoutSeconds"] + max(timeouts().values())


def test_who_takes_over_waits_until_every_function_has_ended() -> None:
    assert govern()["States"]["LetItsFunctionEnd"]["Seconds"] >= max(timeouts().values())


def test_a_lease_runs_out_after_the_functions_that_take_one() -> None:
    assert takers() >= {"apply_fence", "apply_hub", "apply_policy"}
    assert LEASE_TIME.total_seconds() > max(timeouts()[name] for name in takers())


def test_every_definition_of_a_check_is_one_of_its_model() -> None:
    for check in CHECKS:
        known = set(re.findall(r"#ifn?def (\w+)", (MODELS / f"{check.model}.pml").read_text()))
        assert set(check.definitions) <= known, check.name
    controls = {name for check in CHECKS if check.kind is Kind.CONTROL for name in check.definitions}
    said = {
        name.strip()
        for model in ("claim", "lease")
        for listed in re.findall(r"has to be found: ([^.]*)\.", (MODELS / f"{model}.pml").read_text())
        for name in re.sub(r"\([^)]*\)|\*", "", listed).split(",")
    }
    assert said <= controls


def test_where_there_is_no_spin_a_line_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "proofs.models"],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("SKIPPED: ")
    assert "spin" in done.stdout
