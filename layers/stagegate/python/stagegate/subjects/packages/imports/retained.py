"""What of an import stays once its package isn't approved any more."""

from stagegate.plans.grants import View
from stagegate.rules.imports import Retention
from stagegate.rules.model import Rules
from stagegate.targets.target import TargetType, target_of


def retained_by(rules: Rules, group: str, view: View) -> frozenset[str]:
    """Return the ids of the roles and models on record that the rules keep when their package isn't approved any more.

    What no rule speaks of goes: nobody has said that it is to stay.
    """
    kept: set[str] = set()
    for grant in view.grants:
        rule = rules.import_of(grant.stage, group)
        if rule is None or not grant.target:
            continue
        type_ = target_of(grant.target, "aws").type
        if type_ is TargetType.IMPORT_ROLE and rule.role is Retention.KEEP:
            kept.add(grant.target)
        if type_ is TargetType.MODEL_IMPORT and rule.when_rejected is Retention.KEEP:
            kept.add(grant.target)
    return frozenset(kept)
