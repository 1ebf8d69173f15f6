"""How long a call may take, and who tries it again."""

from botocore.config import Config

REPEATABLE = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra="stagegate",
)
"""For reads, and for writes that mean the same when they are made twice."""

ONCE = REPEATABLE.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""For writes of a whole document: the SDK's own retry could put a stale one back (`max_attempts: 1` sends two)."""
