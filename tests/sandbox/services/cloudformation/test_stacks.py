"""Templates: what they may say, and what becomes of it."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.services import cloudformation
from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.stacks import StackError
from sandbox.services.cloudformation.template import parameters
from sandbox.services.lambda_.code.dependencies import MARKER

ACCOUNT, REGION = "111122223333", "us-east-1"
OWN_ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}


def deploy(template: dict[str, Any], **values: str) -> cloudformation.Stack:
    return cloudformation.stacks.deploy(ACCOUNT, REGION, "s", template, values)


@pytest.mark.parametrize(
    ("template", "told"),
    [
        (
            {"Resources": {"A": {"Type": "AWS::AppConfig::Application"}}},
            "A: unsupported type AWS::AppConfig::Application",
        ),
        ({"Resources": {"A": {**TOPIC, "Properties": {"Colour": "red"}}}}, "unsupported property Colour"),
        ({"Resources": {"A": {**TOPIC, "CreationPolicy": {}}}}, "CreationPolicy"),
        ({"Transform": "AWS::Include", "Resources": {}}, "Transform"),
        (
            {"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Transform": {}}}}}},
            "Fn::Transform",
        ),
        ({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Nobody"}}}}}, "Nobody"),
        ({"Resources": {"A": {**TOPIC, "DependsOn": "B"}, "B": {**TOPIC, "DependsOn": "A"}}}, "circle"),
    ],
)
def test_what_is_unsupported_is_named_before_anything_is_made(admin: Any, template: dict[str, Any], told: str) -> None:
    with pytest.raises(TemplateError, match=told):
        deploy(template)
    assert admin("sns").list_topics()["Topics"] == []


@pytest.mark.parametrize(
    ("spec", "value", "told"),
    [
        ({"Type": "String"}, None, "needs a value"),
        ({"Type": "String", "AllowedPattern": "[0-9]{12}"}, "12", "does not match"),
        ({"Type": "CommaDelimitedList", "AllowedPattern": "[0-9]+"}, "1,x", "'x' does not match"),
        ({"Type": "Number", "AllowedValues": [30, 90]}, "31", "is not one of"),
        ({"Type": "String", "MinLength": 3}, "ab", "wrong length"),
        ({"Type": "Number", "MaxValue": 3}, "4", "out of range"),
        ({"Type": "AWS::SSM::Parameter::Name"}, "x", "unsupported type"),
    ],
)
def test_a_wrong_parameter_is_named(spec: dict[str, Any], value: str | None, told: str) -> None:
    with pytest.raises(TemplateError, match=told):
        parameters({"Parameters": {"P": spec}}, {} if value is None else {"P": value})


def test_intrinsics_conditions_and_lists(admin: Any) -> None:
    template = {
        "Parameters": {"Accounts": {"Type": "CommaDelimitedList"}, "Loud": {"Type": "String", "Default": "no"}},
        "Conditions": {
            "IsLoud": {"Fn::Equals": [{"Ref": "Loud"}, "yes"]},
            "IsQuiet": {"Fn::Not": [{"Condition": "IsLoud"}]},
        },
        "Rules": {
            "R": {
                "Assertions": [
                    {
                        "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Loud"}, "maybe"]}]},
                        "AssertDescription": "say yes or no",
                    }
                ]
            }
        },
        "Resources": {
            "Q": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "QueueName": {"Fn::Join": ["-", {"Ref": "Accounts"}]},
                    "VisibilityTimeout": {"Fn::If": ["IsLoud", 60, {"Ref": "AWS::NoValue"}]},
                },
            },
            "Horn": {**TOPIC, "Condition": "IsLoud"},
        },
        "Outputs": {
            "Arn": {"Value": {"Fn::GetAtt": ["Q", "Arn"]}},
            "Sub": {
                "Value": {
                    "Fn::Sub": [
                        "${x}:${Q.QueueName}:${AWS::AccountId}:${!Literal}",
                        {"x": {"Fn::Select": [1, {"Ref": "Accounts"}]}},
                    ]
                }
            },
            "Horn": {"Condition": "IsLoud", "Value": {"Ref": "Horn"}},
        },
    }
    quiet = deploy(template, Accounts="1, 2")
    assert quiet.outputs == {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:1-2", "Sub": f"2:1-2:{ACCOUNT}:${{Literal}}"}
    assert admin("sns").list_topics()["Topics"] == []
    loud = deploy(template, Accounts="1, 2", Loud="yes")
    assert loud.outputs["Horn"].endswith(":t")
    with pytest.raises(TemplateError, match="say yes or no"):
        deploy(template, Accounts="1", Loud="maybe")
    deploy(template, Accounts="1, 2")
    assert admin("sns").list_topics()["Topics"] == []


def test_an_update_touches_only_what_has_changed_and_delete_leaves_nothing_but_what_is_retained(admin: Any) -> None:
    def template(retention: int) -> dict[str, Any]:
        return {
            "Resources": {
                "Kept": {
                    "Type": "AWS::Logs::LogGroup",
                    "DeletionPolicy": "Retain",
                    "Properties": {"LogGroupName": "kept"},
                },
                "Logs": {
                    "Type": "AWS::Logs::LogGroup",
                    "Properties": {"LogGroupName": "logs", "RetentionInDays": retention},
                },
                "Alias": {
                    "Type": "AWS::KMS::Alias",
                    "Properties": {"AliasName": "alias/k", "TargetKeyId": {"Ref": "Key"}},
                },
                "Key": {
                    "Type": "AWS::KMS::Key",
                    "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [OWN_ACCOUNT]}},
                },
            },
            "Outputs": {"Key": {"Value": {"Ref": "Key"}}},
        }

    first = deploy(template(30)).outputs["Key"]
    assert deploy(template(90)).outputs["Key"] == first
    groups = {g["logGroupName"]: g.get("retentionInDays") for g in admin("logs").describe_log_groups()["logGroups"]}
    assert groups == {"kept": None, "logs": 90}
    cloudformation.stacks.delete(ACCOUNT, REGION, "s")
    assert [g["logGroupName"] for g in admin("logs").describe_log_groups()["logGroups"]] == ["kept"]
    assert cloudformation.stacks.find(ACCOUNT, REGION, "s") is None


def role(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": {"Version": "2012-10-17"}, **properties},
    }


def test_a_stacks_tags_reach_its_roles_and_a_roles_own_come_first(admin: Any) -> None:
    template = {"Resources": {"R": role(Tags=[{"Key": "owner", "Value": "mine"}]), "T": TOPIC}}
    tags = {"owner": "stack", "cost-center": "4711"}
    cloudformation.stacks.deploy(ACCOUNT, REGION, "s", template, {}, tags)
    found = {tag["Key"]: tag["Value"] for tag in admin("iam").list_role_tags(RoleName="r")["Tags"]}
    assert found == {"owner": "mine", "cost-center": "4711"}


def test_what_an_update_can_t_delete_stays_and_the_update_is_complete(admin: Any) -> None:
    open_ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    bound = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": "bound", "PolicyDocument": open_},
    }
    deploy({"Resources": {"Bound": bound, "T": TOPIC}})
    iam = admin("iam")
    arn = f"arn:aws:iam::{ACCOUNT}:policy/bound"
    iam.create_role(RoleName="r", AssumeRolePolicyDocument='{"Version": "2012-10-17"}', PermissionsBoundary=arn)
    stack = deploy({"Resources": {"T": TOPIC}})
    assert set(stack.resources) == {"T"}
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "bound"


def test_a_rule_on_a_bus_of_its_own_is_referred_to_with_the_bus(admin: Any) -> None:
    def template(pattern: str) -> dict[str, Any]:
        rule = {"EventBusName": {"Ref": "B"}, "EventPattern": {"source": [pattern]}}
        return {
            "Resources": {
                "B": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "b"}},
                "R": {"Type": "AWS::Events::Rule", "Properties": rule},
            },
            "Outputs": {"R": {"Value": {"Ref": "R"}}},
        }

    for pattern in ("one", "other"):
        bus, _, name = deploy(template(pattern)).outputs["R"].partition("|")
        (found,) = admin("events").list_rules(EventBusName=bus)["Rules"]
        assert (bus, name) == ("b", found["Name"])


def test_a_resource_that_fails_is_named(admin: Any) -> None:
    role = {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/NoSuchPolicy"]}
    with pytest.raises(StackError, match=r"s: Role \(AWS::IAM::Role\).*NoSuchPolicy"):
        deploy({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}})


def test_of_a_layer_that_a_makefile_builds_python_is_packaged_and_without_it_what_stands_for_a_lock(
    admin: Any, tmp_path: Path
) -> None:
    for name in ("own/python/ours.py", "own/Makefile", "locked/Makefile"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    layers = {
        name: {
            "Type": "AWS::Serverless::LayerVersion",
            "Metadata": {"BuildMethod": "makefile"},
            "Properties": {"LayerName": name, "ContentUri": name},
        }
        for name in ("own", "locked")
    }
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": layers}
    made = cloudformation.transformed(template, tmp_path, ACCOUNT, REGION, {}, {})
    found = {}
    for layer in made["Resources"].values():
        where = layer["Properties"]["Content"]
        body = admin("s3").get_object(Bucket=where["S3Bucket"], Key=where["S3Key"])["Body"].read()
        found[layer["Properties"]["LayerName"]] = zipfile.ZipFile(io.BytesIO(body)).namelist()
    assert found == {"own": ["python/ours.py"], "locked": [MARKER]}


def test_a_sam_template_is_packaged_and_a_changed_file_changes_its_layer(admin: Any, tmp_path: Path) -> None:
    for folder, name, text in (("code", "app.py", "def handler(e, c): return 1"), ("layer", "rules.toml", "a = 1")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text)
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Output": "${Colour}", "End": True}},
    }
    (tmp_path / "m.asl.yaml").write_text(yaml.safe_dump(machine))
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Built": {
                "Type": "AWS::Serverless::LayerVersion",
                "Metadata": {"BuildMethod": "makefile"},
                "Properties": {"LayerName": "built", "ContentUri": "nowhere"},
            },
            "Rules": {
                "Type": "AWS::Serverless::LayerVersion",
                "Properties": {"LayerName": "rules", "ContentUri": "layer"},
            },
            "F": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "FunctionName": "f",
                    "CodeUri": "code",
                    "Handler": "app.handler",
                    "Runtime": "python3.13",
                    "Layers": [{"Ref": "Rules"}],
                },
            },
            "M": {
                "Type": "AWS::Serverless::StateMachine",
                "Properties": {
                    "Name": "m",
                    "DefinitionUri": "m.asl.yaml",
                    "DefinitionSubstitutions": {"Colour": "red"},
                },
            },
        },
        "Outputs": {"M": {"Value": {"Ref": "M"}}},
    }

    def layer_of_f(replaced: dict[Path, bytes]) -> str:
        plain = cloudformation.transformed(template, tmp_path, ACCOUNT, REGION, {}, replaced)
        deploy(plain)
        (layer,) = admin("lambda").get_function_configuration(FunctionName="f")["Layers"]
        return str(layer["Arn"])

    first = layer_of_f({})
    assert layer_of_f({}) == first
    assert layer_of_f({(tmp_path / "layer" / "rules.toml").resolve(): b"a = 2"}) != first
    definition = admin("stepfunctions").describe_state_machine(
        stateMachineArn=f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m"
    )["definition"]
    assert "red" in definition


def test_policies_of_queues_topics_and_buses_are_what_the_template_says(admin: Any) -> None:
    def statement(action: str, resource: Any) -> dict[str, Any]:
        return {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": action,
            "Resource": resource,
        }

    def document(action: str, resource: Any) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": [statement(action, resource)]}

    deploy(
        {
            "Resources": {
                "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
                "T": TOPIC,
                "B": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "b"}},
                "QP": {
                    "Type": "AWS::SQS::QueuePolicy",
                    "Properties": {
                        "Queues": [{"Ref": "Q"}],
                        "PolicyDocument": document("sqs:SendMessage", {"Fn::GetAtt": "Q.Arn"}),
                    },
                },
                "TP": {
                    "Type": "AWS::SNS::TopicPolicy",
                    "Properties": {"Topics": [{"Ref": "T"}], "PolicyDocument": document("sns:Publish", {"Ref": "T"})},
                },
                "BP": {
                    "Type": "AWS::Events::EventBusPolicy",
                    "Properties": {
                        "EventBusName": {"Ref": "B"},
                        "StatementId": "one",
                        "Statement": statement("events:PutEvents", {"Fn::GetAtt": "B.Arn"}),
                    },
                },
                "BP2": {
                    "Type": "AWS::Events::EventBusPolicy",
                    "Properties": {
                        "EventBusName": {"Ref": "B"},
                        "StatementId": "two",
                        "Statement": statement("events:PutEvents", {"Fn::GetAtt": "B.Arn"}),
                    },
                },
            }
        }
    )
    queue = admin("sqs").get_queue_attributes(
        QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q", AttributeNames=["Policy"]
    )
    assert json.loads(queue["Attributes"]["Policy"])["Statement"][0]["Resource"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
    topic = admin("sns").get_topic_attributes(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:t")
    assert json.loads(topic["Attributes"]["Policy"])["Statement"][0]["Action"] == "sns:Publish"
    bus = json.loads(admin("events").describe_event_bus(Name="b")["Policy"])
    assert [each["Sid"] for each in bus["Statement"]] == ["one", "two"]


def kept(**properties: Any) -> dict[str, Any]:
    """A table that stays, with a name that is fixed."""
    keys = {
        "TableName": "kept",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    }
    table = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {**keys, **properties}}
    return {"Resources": {"Table": table}, "Outputs": {"Arn": {"Value": {"Fn::GetAtt": "Table.Arn"}}}}


class TestImporting:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html"""

    NAMED = {"Table": {"TableName": "kept"}}  # noqa: RUF012

    def adopted(self, template: dict[str, Any], identifiers: dict[str, dict[str, str]] | None = None) -> None:
        found = self.NAMED if identifiers is None else identifiers
        cloudformation.stacks.adopt(ACCOUNT, REGION, "s", template, {}, found)

    def test_what_stayed_is_in_the_way_of_a_new_stack_until_it_is_imported(self, admin: Any) -> None:
        arn = deploy(kept()).outputs["Arn"]
        admin("dynamodb").put_item(TableName="kept", Item={"pk": {"S": "1"}})
        cloudformation.stacks.delete(ACCOUNT, REGION, "s")
        with pytest.raises(StackError, match=r"Table \(AWS::DynamoDB::Table\).*kept"):
            deploy(kept())
        cloudformation.stacks.reset()
        self.adopted(kept())
        assert deploy({**kept(), "Resources": {**kept()["Resources"], "A": TOPIC}}).outputs["Arn"] == arn
        assert admin("dynamodb").scan(TableName="kept")["Count"] == 1

    def test_what_cannot_be_imported_is_named(self, admin: Any) -> None:
        with pytest.raises(StackError, match="Table"):
            self.adopted(kept())  # it isn't there
        deploy(kept())
        with pytest.raises(StackError, match="the stack is there"):
            self.adopted(kept())
        with pytest.raises(StackError, match="another stack has it"):
            cloudformation.stacks.adopt(ACCOUNT, REGION, "other", kept(), {}, self.NAMED)
        without = kept()
        del without["Resources"]["Table"]["DeletionPolicy"]
        for template, named in ((without, self.NAMED), (kept(), {})):
            with pytest.raises(StackError, match="needs a DeletionPolicy and an identifier"):
                cloudformation.stacks.adopt(ACCOUNT, REGION, "other", template, {}, named)
        assert admin("dynamodb").list_tables()["TableNames"] == ["kept"]

    def test_a_stack_that_is_not_there_is_deleted(self, admin: Any) -> None:
        cloudformation.stacks.delete(ACCOUNT, REGION, "s")
        assert admin("sns").list_topics()["Topics"] == []
