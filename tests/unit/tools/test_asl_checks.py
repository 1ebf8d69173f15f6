"""The checks of state machines find what they are for: a sound machine made wrong in one place each time."""

from pathlib import Path

import pytest

from tests.contract.test_state_machines import problems_of

SOUND = """
QueryLanguage: JSONata
StartAt: Plan
States:
  Plan:
    Comment: What it is for.
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Arguments: {FunctionName: "${PlanFunction}", Payload: "{% $states.input %}"}
    TimeoutSeconds: 60
    Retry:
      - ErrorEquals: [Lambda.TooManyRequestsException, ThrottledError, NotSettledError, LeaseHeldError]
    Catch: [{ErrorEquals: [States.ALL], Assign: {failure: "{% $states.errorOutput %}"}, Next: Tell}]
    Assign: {plan: "{% $states.result.Payload %}", failure: none}
    Next: AnyChanges
  AnyChanges:
    Comment: What it is for.
    Type: Choice
    Choices: [{Condition: "{% $count($plan.changes) = 0 %}", Next: Nothing}]
    Default: Apply
  Apply:
    Comment: What it is for.
    Type: Map
    Items: "{% $plan.changes %}"
    ItemProcessor:
      StartAt: ApplyOne
      States:
        ApplyOne:
          Comment: What it is for.
          Type: Task
          Resource: arn:aws:states:::aws-sdk:ram:associateResourceShare
          Arguments:
            ResourceShareArn: "{% $map($plan.shares, function($s) { $s.arn })[0] %}"
            ResourceArns: ["{% $states.input %}"]
          TimeoutSeconds: 60
          Retry: [{ErrorEquals: [Ram.ServerInternalException]}]
          End: true
    Catch: [{ErrorEquals: [States.ALL], Next: Tell}]
    Next: Nothing
  Tell:
    Comment: What it is for.
    Type: Task
    Resource: arn:aws:states:::sns:publish
    Arguments: {TopicArn: "${Topic}", Message: {what: "{% $failure %}"}}
    TimeoutSeconds: 10
    Retry: [{ErrorEquals: [States.TaskFailed]}]
    Catch: [{ErrorEquals: [States.ALL], Next: Failed}]
    Next: Failed
  Failed: {Type: Fail, Comment: What it is for.}
  Nothing: {Type: Succeed, Comment: What it is for.}
"""

BROKEN = {
    "a missing target": (
        "Default: Apply",
        "Default: Aply",
        ["m.AnyChanges: goes to Aply, which isn't there", "m.Apply: nothing leads here"],
    ),
    "a missing start": (
        "StartAt: ApplyOne",
        "StartAt: Other",
        ["m.Apply[0]: starts at Other, which isn't there", "m.Apply[0].ApplyOne: nothing leads here"],
    ),
    "no way on": ("    Next: Failed\n", "", ["m.Tell: needs exactly one of Next and End"]),
    "no time limit": ("    TimeoutSeconds: 10\n", "", ["m.Tell: no TimeoutSeconds"]),
    "no retry": (
        "          Retry: [{ErrorEquals: [Ram.ServerInternalException]}]\n",
        "",
        ["m.Apply[0].ApplyOne: no Retry"],
    ),
    "nobody catches": (
        "    Catch: [{ErrorEquals: [States.ALL], Next: Tell}]\n",
        "",
        ["m.Apply[0].ApplyOne: no Catch, here or around it"],
    ),
    "an error nobody raises": (
        "LeaseHeldError]",
        "LeaseHeldError, LeaseLostError]",
        ["m.Plan: LeaseLostError is no error of Step Functions, of Lambda, of this task's service or of stagegate"],
    ),
    "an error of another service": (
        "Ram.Server",
        "Sns.Server",
        ["of this task's service"],
    ),
    "an error that the operation hasn't": (
        "Ram.ServerInternalException",
        "Ram.ServerExternalException",
        ["Ram.ServerExternalException is no error of"],
    ),
    "a retryable error forgotten": (
        "NotSettledError, ",
        "",
        ["m.Plan: retries some retryable errors and not NotSettledError"],
    ),
    "half an expression": (
        '"{% $plan.changes %}"',
        '"all {% $plan.changes %}"',
        ["m.Apply.Items: is text to Step Functions"],
    ),
    "not JSONata": (
        "$count($plan.changes)",
        "$count($plan.changes",
        ["m.AnyChanges.Choices[0].Condition: isn't JSONata"],
    ),
    "a misspelled variable": (
        "$count($plan.",
        "$count($paln.",
        ["m.AnyChanges.Choices[0].Condition: $paln isn't set on every way here"],
    ),
    "a variable of one way only": (
        ", failure: none}",
        "}",
        ["m.Tell.Arguments.Message.what: $failure isn't set on every way here"],
    ),
    "a variable before it is assigned": (
        'Payload: "{% $states.input %}"',
        'Payload: "{% $plan %}"',
        ["m.Plan.Arguments.Payload: $plan isn't set on every way here"],
    ),
    "a function that Step Functions lacks": (
        "$count(",
        "$eval(",
        ["m.AnyChanges.Choices[0].Condition: $eval isn't set on every way here"],
    ),
    "a result where there is none": (
        "$states.errorOutput",
        "$states.result",
        ["m.Plan.Catch[0].Assign.failure: $states.result isn't there"],
    ),
    "an operation AWS lacks": (
        "associateResourceShare",
        "shareResource",
        ["m.Apply[0].ApplyOne: Ram.ServerInternalException is no error", "ram has no operation ShareResource"],
    ),
    "a service AWS lacks": ("aws-sdk:ram", "aws-sdk:rams", ["AWS has no service rams", "Ram.ServerInternalException"]),
    "an argument AWS lacks": (
        "ResourceArns:",
        "Resources:",
        ["m.Apply[0].ApplyOne: Arguments has Resources, which isn't one of"],
    ),
    "an argument left out": (
        '            ResourceShareArn: "{% $map($plan.shares, function($s) { $s.arn })[0] %}"\n',
        "",
        ["m.Apply[0].ApplyOne: Arguments lacks ResourceShareArn"],
    ),
    "an argument of another type": (
        'ResourceArns: ["{% $states.input %}"]',
        "ResourceArns: all",
        ["m.Apply[0].ApplyOne: Arguments.ResourceArns is 'all', not a list"],
    ),
    "a line that is too long": (
        "What it is for.",
        "What it is for, at such length that whoever reads it in a narrow window has to scroll and loses the line.....",
        ["m: line 6 has 122 columns; allowed: 120"],
    ),
    "too many lines": (
        "StartAt: Plan\n",
        "StartAt: Plan\n" + "# nothing\n" * 560,
        ["m: 610 lines; allowed: 600"],
    ),
    "an anchor, and its alias": (
        "[{ErrorEquals: [States.TaskFailed]}]",
        "&again [{ErrorEquals: [States.TaskFailed]}]\n    Note: *again",
        ["m: line 46 has the anchor again; allowed: none", "m: line 47 has the alias again; allowed: none"],
    ),
    "a state without a word": (
        "Failed: {Type: Fail, Comment: What it is for.}",
        "Failed: {Type: Fail}",
        ["m.Failed: no Comment says what it is for"],
    ),
    "a start that does not stand first": (
        "  Plan:\n",
        "  Early: {Type: Pass, Comment: What it is for., Next: Failed}\n  Plan:\n",
        ["m.Early: nothing leads here", "m.Plan: is the start, and stands below Early"],
    ),
    "a state above all that lead to it": (
        "  Failed: {Type: Fail, Comment: What it is for.}\n",
        "  Last: {Type: Fail, Comment: The end.}\n  Failed: {Type: Pass, Comment: What it is for., Next: Last}\n",
        ["m.Last: stands above Failed, and is entered from nowhere else"],
    ),
}


def found_in(text: str, folder: Path) -> list[str]:
    path = folder / "m.asl.yaml"
    path.write_text(text)
    return problems_of(path)


def test_the_sound_machine_has_no_problem(tmp_path: Path) -> None:
    assert found_in(SOUND, tmp_path) == []


@pytest.mark.parametrize(("before", "after", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_machine_shows(before: str, after: str, expected: list[str], tmp_path: Path) -> None:
    assert before in SOUND
    found = found_in(SOUND.replace(before, after, 1), tmp_path)
    assert len(found) == len(expected)
    for text, problem in zip(sorted(expected), sorted(found), strict=True):
        assert text in problem
