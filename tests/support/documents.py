"""A policy document as a service keeps it, and what goes wrong with one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stagegate.iam.limits import BUCKET_POLICY, Limit
from stagegate.iam.statements import Statement, statement_for, to_json
from stagegate.targets.target import Target, TargetType

OWNER, READER = "222233334444", "444455556666"
NAME = "model-artifacts-churn"
BUCKET = Target(type=TargetType.BUCKET_POLICY, account=OWNER, region="us-east-1", partition="aws", name=NAME)


def reads(key: str, *, account: str = READER) -> Statement:
    """A statement of ours: the account may read one object."""
    return statement_for(
        account, None, partition="aws", actions=["s3:GetObject"], resources=[f"arn:aws:s3:::{NAME}/{key}"]
    )


def foreign(sid: str = "Others", principal: str = "arn:aws:iam::777788889999:root") -> dict[str, Any]:
    """Somebody else's statement."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": ["s3:GetObject"],
        "Resource": f"arn:aws:s3:::{NAME}/*",
    }


def document(*statements: Statement | dict[str, Any]) -> str:
    """A policy of these statements."""
    listed = [to_json(each) if isinstance(each, Statement) else each for each in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": listed})


@dataclass
class Kept:
    """A document in memory. `after_write` is what somebody else does to it right after our write."""

    text: str | None = None
    limit: Limit = BUCKET_POLICY
    target: Target = BUCKET
    refusals: tuple[str, ...] = ("MalformedPolicy",)
    after_write: Callable[[str | None], str | None] = lambda text: text
    refusal: Exception | None = None
    stale_reads: int = 0
    done: list[str] = field(default_factory=list)
    _before: str | None = None

    def read(self) -> str | None:
        """What stands there, or for some reads what stood there before the last write."""
        self.done.append("read")
        if self.stale_reads and "write" in self.done:
            self.stale_reads -= 1
            return self._before
        return self.text

    def write(self, text: str) -> None:
        """Replace the whole."""
        self._replace("write", text)

    def delete(self) -> None:
        """Take it away."""
        self._replace("delete", None)

    def sids(self) -> list[str]:
        """The Sids that stand there now."""
        return [each["Sid"] for each in json.loads(self.text)["Statement"]] if self.text else []

    def _replace(self, how: str, text: str | None) -> None:
        self.done.append(how)
        if self.refusal:
            raise self.refusal
        self._before, self.text = self.text, self.after_write(text)
