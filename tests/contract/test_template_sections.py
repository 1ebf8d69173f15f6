"""The templates read function by function: what belongs to one stands in its section, under one line of comment."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEMPLATES = ("template.yaml", "member-template.yaml", "management-template.yaml")


def sections(text: str) -> dict[str, str]:
    """The title of the section that each resource stands in."""
    found, title = {}, ""
    _, _, resources = text.partition("\nResources:\n")
    for line in resources.partition("\nOutputs:\n")[0].splitlines():
        if heading := re.fullmatch(r"  # --- (.+?) -+", line):
            title = heading[1]
        elif resource := re.fullmatch(r"  (\w+):", line):
            found[resource[1]] = title
    return found


def named(value: object) -> list[str]:
    """The resources that a value refers to, where it is a reference or a list of them."""
    match value:
        case list():
            return [name for each in value for name in named(each)]
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return [name]
        case _:
            return []


def pairs(resources: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each resource with another that it belongs to, or that belongs to it."""
    for name, resource in resources.items():
        of = resource["Properties"]
        match resource["Type"]:
            case "AWS::Serverless::Function":
                others = [of["Role"], of["LoggingConfig"]["LogGroup"]]
            case "AWS::StepFunctions::StateMachine":
                logs = [
                    each["CloudWatchLogsLogGroup"]["LogGroupArn"] for each in of["LoggingConfiguration"]["Destinations"]
                ]
                others = [of["RoleArn"], *logs]
            case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy":
                # What several functions have in common stands under "Shared", and not beside one of them.
                others = roles if len(roles := of.get("Roles", [])) == 1 else []
            case "AWS::Lambda::Permission":
                others = [of["FunctionName"], of["SourceArn"]]
            case "AWS::Events::Rule":
                others = [each[key] for each in of["Targets"] for key in ("Arn", "RoleArn") if key in each]
            case "AWS::CloudWatch::Alarm":
                others = [each["Value"] for each in of["Dimensions"]]
            case _:
                others = []
        yield from ((name, other) for other in named(others) if other in resources)


def apart(text: str) -> list[str]:
    """What belongs together and stands in two sections."""
    where = sections(text)
    return [
        f"{name} stands under {where[name]!r}, and {other} under {where[other]!r}"
        for name, other in pairs(yaml_parse(text)["Resources"])
        if where[name] != where[other]
    ]


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_belongs_together_stands_together(template: str) -> None:
    text = (ROOT / template).read_text()
    assert set(sections(text)) == set(yaml_parse(text)["Resources"])
    assert apart(text) == []


def test_each_function_and_each_state_machine_has_a_section() -> None:
    titles = set(sections((ROOT / "template.yaml").read_text()).values())
    functions = {f"Function {folder.parent.name}" for folder in (ROOT / "functions").glob("*/app.py")}
    machines = {
        f"State machine {path.name.removesuffix('.asl.yaml').replace('_', '-')}"
        for path in (ROOT / "statemachines").glob("*.asl.yaml")
    }
    assert {title.partition(":")[0] for title in titles} == functions | machines | {"Shared"}


def test_a_log_group_that_stands_elsewhere_is_found() -> None:
    text = (ROOT / "template.yaml").read_text()
    (block,) = re.findall(r"  PlanLogs:\n(?:    .*\n)+\n", text)
    moved = text.replace(block, "").replace("\nOutputs:\n", f"\n{block}Outputs:\n")
    assert [problem.partition(",")[0] for problem in apart(moved)] == [
        "PlanFunction stands under 'Function plan: what the access of a subject needs'"
    ]
