"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.runs.record_approval import recorder
from stagegate.subjects.packages.state_changes import audit_approval
from stagegate.subjects.registry import SUBJECTS

_AUDITING = [kind.auditing() for kind in SUBJECTS.values() if kind.calls]

# SageMaker decrypts a card for its reader; Lambda keeps an event that failed in a queue.
PERMISSIONS = recorder.PERMISSIONS.union({"kms:Decrypt", "sqs:SendMessage"}, *(each.PERMISSIONS for each in _AUDITING))
MEMBER_PERMISSIONS = {
    "observe": audit_approval.MEMBER_PERMISSIONS.union(*(each.MEMBER_PERMISSIONS for each in _AUDITING))
}
