"""What the role of this function may do, in its own account and as a member role in others."""

from stagegate.runs.record_approval import recorder
from stagegate.subjects.packages import artifact_reader

# SageMaker decrypts a card for its reader; Lambda keeps an event that failed in a queue.
PERMISSIONS = recorder.PERMISSIONS | {"kms:Decrypt", "sqs:SendMessage"}
MEMBER_PERMISSIONS = {"observe": artifact_reader.BYTES_PERMISSIONS}
