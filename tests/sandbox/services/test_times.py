"""What moto dates is dated by the sandbox's clock."""

from typing import Any

from sandbox.kernel.clock import clock

DAY = 86_400.0


def test_roles_sessions_and_objects_are_of_the_sandboxs_time(admin: Any) -> None:
    clock.advance(30 * DAY)
    iam, sts, s3 = (admin(service) for service in ("iam", "sts", "s3"))
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    s3.create_bucket(Bucket="dated")
    s3.put_object(Bucket="dated", Key="k", Body=b"x")
    now = clock.datetime()
    assert abs((now - role["CreateDate"]).total_seconds()) < 60
    assert abs((session["Expiration"] - now).total_seconds() - 3600) < 60
    assert abs((now - s3.head_object(Bucket="dated", Key="k")["LastModified"]).total_seconds()) < 60


def test_a_message_becomes_visible_again_by_the_sandboxs_time(admin: Any) -> None:
    sqs = admin("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    clock.sleep(601)
    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1
