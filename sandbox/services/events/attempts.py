"""One attempt at a delivery: arrived, to be tried again, or to be kept in the dead-letter queue."""

from __future__ import annotations

import json
import logging

from botocore.exceptions import ClientError

from sandbox.kernel.clock import clock
from sandbox.services.cloudwatch.alarms import observe_queue, put_metric
from sandbox.services.events.deliveries import Delivery, Outcome, retry_pause
from sandbox.services.events.targets import RefusedError, send, send_message

_LOG = logging.getLogger(__name__)
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
_DEFAULT_RETRIES = 185
_DEFAULT_AGE_S = 86_400


def attempt(delivery: Delivery) -> Outcome | float:
    """Try once. What can't succeed later (no permission, no such target) isn't tried again, as in EventBridge."""
    _count(delivery, "Invocations")
    try:
        send(delivery)
    except RefusedError as error:
        return _give_up(delivery, "NO_PERMISSIONS", str(error), None)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status < 500 and "Throttl" not in code and "TooManyRequests" not in code:
            return _give_up(delivery, _code_of(code), f"{code}: {message}", None)
        exhausted = _exhausted(delivery)
        if exhausted is None:
            return retry_pause(delivery.attempts)
        return _give_up(delivery, "SDK_CLIENT_ERROR", f"{code}: {message}", exhausted)
    return Outcome(clock.now(), delivery.rule_name, delivery.target["Arn"], delivery.event, delivery.attempts + 1, None)


def _code_of(code: str) -> str:
    if "Authoriz" in code or "AccessDenied" in code or "KMS" in code:
        return "NO_PERMISSIONS"
    if "NotFound" in code or "DoesNotExist" in code or "NonExistent" in code:
        return "NO_RESOURCE"
    return "INVALID_PARAMETER"


def _exhausted(delivery: Delivery) -> str | None:
    policy = delivery.target.get("RetryPolicy", {})
    if delivery.attempts >= policy.get("MaximumRetryAttempts", _DEFAULT_RETRIES):
        return "MaximumRetryAttempts"
    born = clock.datetime().strptime(delivery.event["time"] + "+0000", "%Y-%m-%dT%H:%M:%SZ%z").timestamp()
    if clock.now() - born >= policy.get("MaximumEventAgeInSeconds", _DEFAULT_AGE_S):
        return "MaximumEventAgeInSeconds"
    return None


def _give_up(delivery: Delivery, code: str, message: str, exhausted: str | None) -> Outcome:
    _count(delivery, "FailedInvocations")
    kept = _keep(delivery, code, message, exhausted)
    target_arn = delivery.target["Arn"]
    return Outcome(
        clock.now(), delivery.rule_name, target_arn, delivery.event, delivery.attempts + 1, f"{code}: {message}", kept
    )


def _keep(delivery: Delivery, code: str, message: str, exhausted: str | None) -> bool:
    """The event in the target's dead-letter queue; False without one, or when it refuses EventBridge."""
    queue_arn = delivery.target.get("DeadLetterConfig", {}).get("Arn")
    if queue_arn is None:
        return False
    attributes = {
        "RULE_ARN": delivery.rule_arn,
        "TARGET_ARN": delivery.target["Arn"],
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message[:1024] or code,
        "RETRY_ATTEMPTS": str(delivery.attempts),
        **({"EXHAUSTED_RETRY_CONDITION": exhausted} if exhausted else {}),
    }
    extra = {"MessageAttributes": {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()}}
    try:
        send_message(delivery, queue_arn, json.dumps(delivery.event, ensure_ascii=False), extra)
    except ClientError as error:
        _LOG.warning("event %s of rule %s is lost: %s", delivery.event["id"], delivery.rule_name, error)
        _count(delivery, "InvocationsFailedToBeSentToDlq")
        return False
    observe_queue(queue_arn)
    _count(delivery, "InvocationsSentToDlq")
    return True


def _count(delivery: Delivery, metric: str) -> None:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    bus, _, _ = delivery.rule_arn.partition(":rule/")[2].rpartition("/")
    dimensions = ({"EventBusName": bus} if bus else {}) | {"RuleName": delivery.rule_name}
    put_metric(delivery.account, delivery.region, "AWS/Events", metric, dimensions, 1.0)
