"""How many functions the account lets run at once: a new account may have ten, and a sweep starts a hundred runs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ENOUGH = 100
"""Runs that a sweep starts in half a minute: each invokes one function at a time."""
QUOTA = "L-B99A9384"
"""Concurrent executions of Lambda, as Service Quotas knows them."""


def warning(functions: "LambdaClient") -> str | None:
    """Return what to do about an account with too little, or None. Throttled runs are tried again, then fail aloud."""
    found = functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    if found >= ENOUGH:
        return None
    return (
        f"Lambda: found {found} concurrent executions that nobody has reserved; a large sweep takes {ENOUGH}."
        f" Ask for more: aws service-quotas request-service-quota-increase --service-code lambda --quota-code {QUOTA}"
        " --desired-value 1000"
    )
