"""Resource policies, deliveries of services, keys and tables, as authorization sees them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from sandbox.authorization import authorize
from sandbox.kernel import calls, identity
from sandbox.kernel.wire.transport import client
from sandbox.services.organizations import reopen
from tests.support.authorization import (
    CONSUMER,
    MANAGEMENT,
    OWNER,
    allow,
    as_role,
    code_of,
    document,
    make_role,
    may,
    message_of,
)

RULE = f"arn:aws:events:us-east-1:{OWNER}:rule/cards"
BRIDGE = identity.service("events.amazonaws.com", source_account=OWNER, source_arn=RULE)


def policy_for(resource: str, action: str, **more: Any) -> str:
    return document(may(action, resource, Principal={"Service": "events.amazonaws.com"}, **more))


def test_a_delivery_to_a_queue_needs_the_queue_s_policy() -> None:
    sqs = client("sqs", OWNER)
    url = sqs.create_queue(QueueName="dlq")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{OWNER}:dlq"
    assert not authorize(BRIDGE, "sqs:SendMessage", [arn], {}).allowed
    condition = {"ArnEquals": {"aws:SourceArn": RULE}}
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": policy_for(arn, "sqs:SendMessage", Condition=condition)}
    )
    assert authorize(BRIDGE, "sqs:SendMessage", [arn], {}).allowed
    other = identity.service("events.amazonaws.com", source_account=OWNER, source_arn=RULE + "-other")
    assert not authorize(other, "sqs:SendMessage", [arn], {}).allowed


def make_key(*statements: dict[str, Any]) -> str:
    root = may("kms:*", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})
    return str(client("kms", OWNER).create_key(Policy=document(root, *statements))["KeyMetadata"]["Arn"])


def test_a_delivery_to_an_encrypted_topic_needs_the_key_s_policy_as_well() -> None:
    sns = client("sns", OWNER)
    arn = sns.create_topic(Name="approvals")["TopicArn"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy_for(arn, "sns:Publish"))
    assert authorize(BRIDGE, "sns:Publish", [arn], {}).allowed
    use = may(["kms:GenerateDataKey*", "kms:Decrypt"], Principal={"Service": "events.amazonaws.com"})
    for key, allowed in ((make_key(), False), (make_key(use), True), ("alias/aws/sns", False)):
        sns.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=key)
        assert authorize(BRIDGE, "sns:Publish", [arn], {}).allowed is allowed


def test_a_service_delivers_through_a_client_of_its_own() -> None:
    url = client("sqs", OWNER).create_queue(QueueName="dlq")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{OWNER}:dlq"
    sqs = client("sqs", OWNER, BRIDGE)
    assert "no resource-based policy" in message_of(sqs.send_message, QueueUrl=url, MessageBody="event")
    policy = policy_for(arn, "sqs:SendMessage", Condition={"StringEquals": {"aws:SourceAccount": OWNER}})
    client("sqs", OWNER).set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert code_of(sqs.send_message, QueueUrl=url, MessageBody="event") == ""
    assert [(call.principal_arn, call.account) for call in calls.log] == [("events.amazonaws.com", OWNER)] * 2


def test_a_service_that_delivers_by_itself_does_not_come_through_another() -> None:
    arn = client("sns", OWNER).create_topic(Name="approvals")["TopicArn"]
    use = may(["kms:GenerateDataKey*", "kms:Decrypt"], Principal={"Service": "events.amazonaws.com"})
    through = use | {"Condition": {"StringEquals": {"kms:ViaService": "sns.us-east-1.amazonaws.com"}}}
    for statement, allowed in ((use, True), (through, False)):
        attributes = {"Policy": policy_for(arn, "sns:Publish"), "KmsMasterKeyId": make_key(statement)}
        for name, value in attributes.items():
            client("sns", OWNER).set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
        assert authorize(BRIDGE, "sns:Publish", [arn], {}).allowed is allowed


def test_a_key_that_does_not_delegate_to_iam_is_closed_to_its_own_account() -> None:
    principal = identity.session(make_role(OWNER, "Reader", may("kms:Decrypt")), "s")
    assert authorize(principal, "kms:Decrypt", [make_key()], {}).allowed
    closed = document(may("kms:*", Principal={"AWS": make_role(OWNER, "Admin")}))
    created = client("kms", OWNER).create_key(Policy=closed, BypassPolicyLockoutSafetyCheck=True)
    key = created["KeyMetadata"]["Arn"]
    assert not authorize(principal, "kms:Decrypt", [key], {}).allowed


def test_publishing_to_an_encrypted_topic_needs_the_key_through_sns() -> None:
    arn = client("sns", OWNER).create_topic(Name="approvals", Attributes={"KmsMasterKeyId": make_key()})["TopicArn"]
    make_role(OWNER, "Notifier", may("sns:Publish", arn))
    notifier = as_role("sns", f"arn:aws:iam::{OWNER}:role/Notifier")
    publish = {"TopicArn": arn, "Message": "hello"}
    assert "kms:GenerateDataKey" in message_of(notifier.publish, **publish)
    through = {"StringEquals": {"kms:ViaService": "sns.us-east-1.amazonaws.com"}}
    allow(OWNER, "Notifier", may("sns:Publish", arn), may(["kms:GenerateDataKey*", "kms:Decrypt"], Condition=through))
    assert code_of(notifier.publish, **publish) == ""
    through = {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}
    allow(OWNER, "Notifier", may("sns:Publish", arn), may(["kms:GenerateDataKey*", "kms:Decrypt"], Condition=through))
    assert code_of(notifier.publish, **publish) == "AuthorizationError"


TABLE: dict[str, Any] = {
    "TableName": "ledger",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
}


def test_an_encrypted_table_needs_its_key() -> None:
    key = make_key()
    client("dynamodb", OWNER).create_table(
        **TABLE, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    )
    make_role(OWNER, "Writer", may("dynamodb:PutItem"))
    writer = as_role("dynamodb", f"arn:aws:iam::{OWNER}:role/Writer")
    put = {"TableName": "ledger", "Item": {"pk": {"S": "x"}, "sk": {"S": "x"}}}
    assert "kms:Decrypt" in message_of(writer.put_item, **put)
    allow(OWNER, "Writer", may("dynamodb:PutItem"), may("kms:Decrypt", key))
    assert code_of(writer.put_item, **put) == ""


def test_partition_keys_can_decide() -> None:
    client("dynamodb", OWNER).create_table(**TABLE)
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["SUBJECT#*"]}}
    writer = as_role("dynamodb", make_role(OWNER, "Writer", may("dynamodb:*", Condition=condition)))

    def item(pk: str) -> dict[str, Any]:
        return {"pk": {"S": pk}, "sk": {"S": "x"}}

    def requests(pk: str) -> list[tuple[Any, dict[str, Any]]]:
        values = {":pk": {"S": pk}, ":sk": {"S": "x"}}
        query = {"KeyConditionExpression": "begins_with(sk, :sk) AND #pk = :pk", "ExpressionAttributeValues": values}
        put = {"Put": {"TableName": "ledger", "Item": item(pk)}}
        return [
            (writer.put_item, {"TableName": "ledger", "Item": item(pk)}),
            (writer.update_item, {"TableName": "ledger", "Key": item(pk), "UpdateExpression": "REMOVE gone"}),
            (writer.query, {"TableName": "ledger", "ExpressionAttributeNames": {"#pk": "pk"}} | query),
            (writer.transact_write_items, {"TransactItems": [put]}),
            (writer.batch_get_item, {"RequestItems": {"ledger": {"Keys": [item("SUBJECT#1"), item(pk)]}}}),
            (writer.batch_write_item, {"RequestItems": {"ledger": [{"PutRequest": {"Item": item(pk)}}]}}),
        ]

    for call, arguments in requests("SUBJECT#2"):
        assert code_of(call, **arguments) == ""
    for call, arguments in requests("TARGET#2"):
        assert code_of(call, **arguments) == "AccessDeniedException"


def test_a_transaction_needs_the_action_of_each_item() -> None:
    make_role(OWNER, "Writer", may(["dynamodb:PutItem", "dynamodb:TransactWriteItems"]))
    writer = as_role("dynamodb", f"arn:aws:iam::{OWNER}:role/Writer")
    key = {"pk": {"S": "x"}}
    items = [{"Put": {"TableName": "t", "Item": key}}, {"Delete": {"TableName": "t", "Key": key}}]
    assert "dynamodb:DeleteItem" in message_of(writer.transact_write_items, TransactItems=items)
    assert code_of(writer.transact_write_items, TransactItems=items[:1]) == "ResourceNotFoundException"


def test_a_grant_lets_its_grantee_use_the_key_for_its_operations() -> None:
    key = make_key()
    role = make_role(CONSUMER, "Host")
    host = identity.session(role, "s")
    assert not authorize(host, "kms:Decrypt", [key], {}).allowed
    client("kms", OWNER).create_grant(KeyId=key, GranteePrincipal=role, Operations=["Decrypt"])
    assert authorize(host, "kms:Decrypt", [key], {}).allowed
    assert not authorize(host, "kms:Encrypt", [key], {}).allowed


def test_a_bucket_policy_opens_a_bucket_of_another_account() -> None:
    s3 = client("s3", OWNER)
    s3.create_bucket(Bucket="artifacts")
    role = make_role(CONSUMER, "Host", may("s3:GetObject"))
    host, twin = identity.session(role, "s"), identity.session(role + "-evil", "s")
    arn = "arn:aws:s3:::artifacts/model/model.tar.gz"
    assert not authorize(host, "s3:GetObject", [arn], {}).allowed
    grant = may("s3:GetObject", "arn:aws:s3:::artifacts/model/*", Principal={"AWS": f"arn:aws:iam::{CONSUMER}:root"})
    grant["Condition"] = {"ArnEquals": {"aws:PrincipalArn": role}}
    s3.put_bucket_policy(Bucket="artifacts", Policy=document(grant))
    assert authorize(host, "s3:GetObject", [arn], {}).allowed
    assert not authorize(host, "s3:GetObject", ["arn:aws:s3:::artifacts/other"], {}).allowed
    assert not authorize(twin, "s3:GetObject", [arn], {}).allowed


def test_a_function_is_invoked_by_whom_its_permissions_name() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "handler = None")
    functions = client("lambda", OWNER)
    functions.create_function(
        FunctionName="notify",
        Runtime="python3.13",
        Role=make_role(OWNER, "Notify", trust={"Service": "lambda.amazonaws.com"}),
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    arn = f"arn:aws:lambda:us-east-1:{OWNER}:function:notify"
    assert not authorize(BRIDGE, "lambda:InvokeFunction", [arn], {}).allowed
    functions.add_permission(
        FunctionName="notify",
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=RULE,
    )
    assert authorize(BRIDGE, "lambda:InvokeFunction", [arn], {}).allowed
    other = identity.service("events.amazonaws.com", source_account=OWNER, source_arn=RULE + "-other")
    assert not authorize(other, "lambda:InvokeFunction", [arn], {}).allowed


def test_a_bus_takes_events_of_the_organization_only() -> None:
    events = client("events", OWNER)
    bus = f"arn:aws:events:us-east-1:{OWNER}:event-bus/default"
    role = make_role(CONSUMER, "Forwarder", may("events:PutEvents", bus))
    forwarder = identity.session(role, "s")
    assert not authorize(forwarder, "events:PutEvents", [bus], {}).allowed
    statement = may("events:PutEvents", bus, Principal="*", Sid="Org")
    for organization, allowed in (("o-another0001", False), ("o-stagegate01", True)):
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organization}}
        events.put_permission(EventBusName="default", Policy=document(statement))
        assert authorize(forwarder, "events:PutEvents", [bus], {}).allowed is allowed


def test_a_closed_account_is_let_in_nowhere_and_lets_nobody_in() -> None:
    client("s3", OWNER).create_bucket(Bucket="closed-bucket")
    roles = [make_role(account, "Reader", may("s3:*")) for account in (OWNER, CONSUMER)]
    statement = may("s3:ListBucket", "arn:aws:s3:::closed-bucket", Principal={"AWS": roles})
    client("s3", OWNER).put_bucket_policy(Bucket="closed-bucket", Policy=document(statement))

    def refused() -> list[str]:
        return [code_of(as_role("s3", role).list_objects_v2, Bucket="closed-bucket") for role in roles]

    assert refused() == ["", ""]
    organizations = client("organizations", MANAGEMENT)
    for closed, expected in ((OWNER, ["AccessDenied", "AccessDenied"]), (CONSUMER, ["", "AccessDenied"])):
        organizations.close_account(AccountId=closed)
        assert refused() == expected
        reopen(closed)
        assert refused() == ["", ""]
