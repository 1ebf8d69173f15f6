"""Every kind of change that a plan may have."""

from .fences import LowerFence, RaiseFence
from .guardrails.changes import GuardrailChange
from .hubs import HubChange
from .policy_changes import CloseTarget, OpenTarget
from .shares import CloseShare, OpenShare

Change = RaiseFence | CloseShare | OpenShare | LowerFence | CloseTarget | OpenTarget | GuardrailChange | HubChange
