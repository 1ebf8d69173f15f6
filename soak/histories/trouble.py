"""What can come between a look at a bucket's policy and its write: a slow call, a read that is behind, a stale tool.

S3's bucket configurations are eventually consistent, and no PUT of a policy has a condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from sandbox.authorization import enforce
from sandbox.kernel.clock import clock
from sandbox.kernel.wire.failures import Failure, failures
from soak.histories.documents import BUCKET
from soak.histories.world import DEV, World
from soak.simulation.invocation import current

_SLOW_S = 20.0
"""Within the timeout of a function and the time of a lease."""


class Trouble(Enum):
    """What happens to the next call of a function: a write takes long, a write is undone by a team's tool that has read
    the policy before, or a read shows what stood there before the last write.
    """

    SLOW = "slow"
    UNDONE = "undone"
    BEHIND = "behind"


def policy(world: World) -> str:
    """What stands on the bucket now."""
    return str(world.admin("s3", DEV).get_bucket_policy(Bucket=BUCKET)["Policy"])


@contextmanager
def on(world: World, trouble: Trouble, before: str) -> Iterator[list[str]]:
    """Let it happen once; `before` is what stood on the bucket earlier. What is yielded is empty until then."""
    answered, take = enforce._Answering._answered, failures.take  # noqa: SLF001  as soak/trials/calls
    operation = "GetBucketPolicy" if trouble is Trouble.BEHIND else "PutBucketPolicy"
    met: list[str] = []

    def put(text: str) -> None:
        world.admin("s3", DEV).put_bucket_policy(Bucket=BUCKET, Policy=text)

    def taken(service: str, called: str, account: str) -> Failure | None:
        if called == operation and current.get() is not None and not met:
            met.append(policy(world))
            if trouble is Trouble.SLOW:
                clock.sleep(_SLOW_S)
            if trouble is Trouble.BEHIND:
                put(before)
        return take(service, called, account)

    def watched(answering: Any, *given: Any) -> Any:
        answer = answered(answering, *given)
        if met and met[0] and trouble is not Trouble.SLOW:
            now, met[0] = met[0], ""
            put(before if trouble is Trouble.UNDONE else now)
        return answer

    enforce._Answering._answered = watched  # type: ignore[method-assign,assignment]  # noqa: SLF001
    failures.take = taken  # type: ignore[method-assign,assignment]
    try:
        yield met
    finally:
        enforce._Answering._answered, failures.take = answered, take  # type: ignore[method-assign]  # noqa: SLF001
