"""What member accounts do to Stagegate: their observing role lets nobody in for a while, or they are closed."""

from __future__ import annotations

import json

from sandbox.services import organizations
from sandbox.stagegate.members import MANAGEMENT
from soak.histories.world import World
from soak.oracle.facts import Blindness, Closure

_OBSERVER = "stagegate-member-observe"


def turn(world: World, account: str) -> None:
    """The account's observing role lets Stagegate in no more; or it does again."""
    world.happened()
    iam, blindness = world.admin("iam", account), world.blindness.setdefault(account, Blindness())
    blindness.is_blind = not blindness.is_blind
    blindness.turned = world.now()
    trust = iam.get_role(RoleName=_OBSERVER)["Role"]["AssumeRolePolicyDocument"]
    effect = "Deny" if blindness.is_blind else "Allow"
    statements = [{**each, "Effect": effect} for each in trust["Statement"]]
    iam.update_assume_role_policy(RoleName=_OBSERVER, PolicyDocument=json.dumps({**trust, "Statement": statements}))


def close(world: World, account: str) -> None:
    """The account is closed; or AWS opens it again."""
    world.happened()
    closure = world.closures.setdefault(account, Closure())
    closure.is_closed = not closure.is_closed
    closure.turned = world.now()
    if closure.is_closed:
        world.admin("organizations", MANAGEMENT).close_account(AccountId=account)
    else:
        organizations.reopen(account)
