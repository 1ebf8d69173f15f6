"""KMS's operations: ours for policies and grants, moto's for the rest."""

from __future__ import annotations

from typing import ClassVar

from moto.kms.models import KmsBackend as MotoKmsBackend
from moto.kms.models import kms_backends
from moto.kms.responses import KmsResponse as MotoKmsResponse

from sandbox.kernel.wire.protocol import ExtendedResponse
from sandbox.services.kms import grants, policies
from sandbox.services.kms.keys import key_of_ciphertext
from sandbox.services.kms.models import backend_of


class KmsResponse(ExtendedResponse, MotoKmsResponse):
    """Keys, their policies and grants."""

    service = "kms"
    backends = kms_backends
    operations: ClassVar = {
        "CreateGrant": grants.create_grant,
        "CreateKey": policies.create_key,
        "GetKeyPolicy": policies.get_key_policy,
        "ListGrants": grants.list_grants,
        "PutKeyPolicy": policies.put_key_policy,
        "RevokeGrant": grants.revoke_grant,
    }

    @property
    def kms_backend(self) -> MotoKmsBackend:
        """For moto's operations: the backend of the key that the request names, or its ciphertext was made with."""
        named = self._get_param("KeyId")
        if named is None and self._get_action() == "Decrypt":
            named = key_of_ciphertext(self._get_param("CiphertextBlob"))
        return backend_of(self.current_account, self.region, named or "")

    def _validate_key_policy(self, key_id: str, action: str) -> None:
        """Nothing: moto's own look at the key policy ignores principals and conditions; authorization has decided."""
