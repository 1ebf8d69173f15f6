"""The dashboard: JSON once CloudFormation has filled it in, of metrics that somebody writes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
RESOURCES = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
BODY = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
GRID = 24
"""Columns of a dashboard ("Dashboard Body Structure and Syntax", API reference of CloudWatch)."""


def filled_in() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(re.sub(r"\$\{([^}]+)\}", r"<\1>", BODY))
    return body


def lines(kind: str) -> list[list[Any]]:
    """Each metric of the widgets, as [namespace, name, dimension, value, options]."""
    widgets = [each["properties"] for each in filled_in()["widgets"] if each["type"] == "metric"]
    return [line for widget in widgets for line in widget["metrics"] if line[0] == kind]


def test_the_body_is_json_of_widgets_within_the_grid() -> None:
    widgets = filled_in()["widgets"]
    assert {each["type"] for each in widgets} == {"alarm", "metric"}
    for each in widgets:
        assert each["x"] + each["width"] <= GRID
        assert each["properties"]["title"]
    corners = [(each["x"], each["y"]) for each in widgets]
    assert len(corners) == len(set(corners))


def test_what_it_names_is_in_the_template() -> None:
    named = {name.partition(".")[0] for name in re.findall(r"\$\{([^}]+)\}", BODY)}
    assert named - set(RESOURCES) - {"Prefix", "AWS::Region"} == set()
    assert {RESOURCES[name.removesuffix(".Arn")]["Type"] for name in re.findall(r"\$\{(\w+Alarm\.Arn)\}", BODY)} == {
        "AWS::CloudWatch::Alarm"
    }


@pytest.mark.parametrize("metric", sorted({line[1] for line in lines("Stagegate")}))
def test_its_own_metrics_are_written_by_a_function(metric: str) -> None:
    apps = "".join(path.read_text() for path in (ROOT / "functions").glob("*/app.py"))
    assert f'name="{metric}"' in apps


def test_its_own_metrics_have_the_dimension_that_powertools_gives_them() -> None:
    assert {tuple(line[2:4]) for line in lines("Stagegate")} == {("service", "stagegate")}


def test_each_queue_and_each_state_machine_is_on_it() -> None:
    machines = {name for name, each in RESOURCES.items() if each["Type"] == "AWS::StepFunctions::StateMachine"}
    queues = {f"{name}.QueueName" for name, each in RESOURCES.items() if each["Type"] == "AWS::SQS::Queue"}
    assert {line[3].strip("<>") for line in lines("AWS/States")} == machines
    assert {line[3].strip("<>") for line in lines("AWS/SQS")} == queues
