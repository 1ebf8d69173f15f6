"""Every kind of change that a plan may have."""

from stagegate.surfaces.fences.model import AllowWrites, DenyWrites
from stagegate.surfaces.guardrails.changes import GuardrailChange
from stagegate.surfaces.hub_contents.changes import HubChange
from stagegate.surfaces.shares.changes import CloseShare, OpenShare
from stagegate.targets.target import CloseTarget, OpenTarget

Change = DenyWrites | CloseShare | OpenShare | AllowWrites | CloseTarget | OpenTarget | GuardrailChange | HubChange
