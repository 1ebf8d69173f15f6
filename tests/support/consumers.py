"""Rules that open something of every kind to a stage, and the policy that its roles need for it."""

import json
from dataclasses import replace
from typing import Any

from stagegate.consumers.policy import consumer_policy
from stagegate.rules.hubs import HubAccess, HubShare
from stagegate.rules.imports import Import, Registration
from stagegate.rules.model import Bucket, Rules
from tests.support.builders import DEV, GOVERNANCE
from tests.support.hubs import hub_rules
from tests.support.packages import BUCKET, KEY, package_rules

STAGE = "prod"


def every_kind() -> Rules:
    """Prod deploys packages and from one hub, looks into another, registers in some groups, and invokes imports."""
    rules = package_rules(buckets=[Bucket(name=f"{BUCKET}*", account=DEV, key=KEY)])
    hubs = [
        replace(hub_rules(shares=[HubShare(stage=STAGE, access=access)]), name=name)
        for name, access in (("seen", HubAccess.READ), ("used", HubAccess.USE))
    ]
    return replace(
        rules,
        cards=replace(rules.cards, export=True),
        hubs=tuple(hubs),
        registrations=(Registration(stage=STAGE, groups=("churn-*",)),),
        imports=(Import(groups=("mistral*",), stage=STAGE, consumer="ModelOperator"),),
    )


def policy_of(rules: Rules, stage: str = STAGE, **more: Any) -> dict[str, Any]:
    """The policy of a stage, in one Region unless told otherwise."""
    given = {"partition": "aws", "region": "us-east-1", "governance_account": GOVERNANCE, **more}
    return consumer_policy(rules, stage, **given)


def text_of(rules: Rules, stage: str = STAGE, **more: Any) -> str:
    return json.dumps(policy_of(rules, stage, **more))
