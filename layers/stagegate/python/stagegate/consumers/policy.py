"""The other half of access: what the roles of a stage need in their own account. RAM alone lets nobody in, and neither
does another account's policy.
"""

from typing import Any

from stagegate.consumers import cards, hubs, models, packages, registering
from stagegate.consumers.statements import Consumer
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import of_all_audiences


def consumer_policy(
    rules: Rules, stage: str, *, partition: str, region: str, governance_account: str, account: str | None = None
) -> dict[str, Any]:
    """Return the IAM policy that a stage's roles need for what the rules may open to it, and no more: for cards, for
    packages and what they are made of, for registering, for hubs, and for models in Bedrock.

    It is for the roles in `account`, or in all accounts that any audience has as the stage if that is None; `region` is
    `*` for any. Where the rules open nothing to the stage it has no statement. Raises KeyError for a stage that the
    rules don't know.
    """
    found = of_all_audiences(rules, stage)
    consumer = Consumer(
        stage=found,
        accounts=(account,) if account else found.accounts,
        owner=governance_account,
        partition=partition,
        region=region,
    )
    parts = (part.statements(rules, consumer) for part in (cards, packages, registering, hubs, models))
    return {"Version": "2012-10-17", "Statement": [statement for part in parts for statement in part]}
