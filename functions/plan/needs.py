"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.runs import plan
from stagegate.subjects import observe_imports
from stagegate.subjects.cards import plan as plan_cards
from stagegate.subjects.groups import plan as plan_groups
from stagegate.subjects.guardrails import plan as plan_guardrails
from stagegate.subjects.hubs import plan as plan_hubs
from stagegate.subjects.packages import plan as plan_packages
from stagegate.subjects.packages.imports import plan as plan_imports

_IN_MEMBERS = (observe_imports, plan_cards, plan_groups, plan_guardrails, plan_imports, plan_packages)

# SageMaker decrypts a card for its reader.
PERMISSIONS = plan.PERMISSIONS.union(
    {"kms:Decrypt"}, plan_hubs.PERMISSIONS, *(each.PERMISSIONS for each in _IN_MEMBERS)
)
MEMBER_PERMISSIONS = {"observe": frozenset[str]().union(*(each.MEMBER_PERMISSIONS for each in _IN_MEMBERS))}
