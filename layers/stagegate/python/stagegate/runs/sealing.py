"""What is encrypted with a customer key goes to people under the stack's own key, and through no log and no history in
the clear: plan seals it, whoever publishes opens it, for the same subject
alone.
"""

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.core.errors import PermanentError
from stagegate.core.messages.mail import Message
from stagegate.core.untrusted import one_line

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

SEAL_PERMISSIONS = frozenset({"kms:Encrypt"})
OPEN_PERMISSIONS = frozenset({"kms:Decrypt"})

CONTEXT = "stagegate:subject"
"""The key of the encryption context: the ARN of the subject, or its name."""
_LONGEST = 900
"""Characters: in UTF-8 they fit into the 4,096 bytes that KMS encrypts itself ("Encrypt", KMS API reference)."""


def sealed(kms: "KMSClient", key: str, subject: str, message: Message, secret: str) -> Message:
    """Return the message with its secret under `key`; or without it, and why, where the key can't be used.

    Raises ThrottledError.
    """
    try:
        with translated(f"encrypt what the card of {subject} says"):
            encrypted = kms.encrypt(
                KeyId=key, Plaintext=one_line(secret, _LONGEST).encode(), EncryptionContext={CONTEXT: subject}
            )
    except PermanentError as error:
        return message.with_line(f"What it says is encrypted, and left out: {error}")
    return replace(message, sealed=base64.b64encode(encrypted["CiphertextBlob"]).decode())


def opened(kms: "KMSClient", subject: str, message: Message) -> Message:
    """Return the message with what was sealed for the subject; or without it, and why. Raises ThrottledError."""
    try:
        with translated(f"decrypt what the card of {subject} says"):
            found = kms.decrypt(CiphertextBlob=base64.b64decode(message.sealed), EncryptionContext={CONTEXT: subject})
    except PermanentError as error:
        return message.with_line(f"What it says is encrypted, and left out: {error}")
    return message.with_line(one_line(found["Plaintext"].decode()))
