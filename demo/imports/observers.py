"""Looking at the weights and at the model: what each role's own calls let it do with them, the import's own too."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.imports.environment import WEIGHTS, ImportEnvironment, folder
from demo.imports.host import PATH, Host
from demo.imports.rules import BUCKET, MODEL
from demo.observers import Observer, Observers
from demo.people import OWNER
from sandbox.kernel.place import PARTITION, REGION
from sandbox.stagegate.members import GOVERNANCE, HOSTING

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

LETTERS = {"l": "list the folder", "w": "get the weights", "k": "decrypt with their key", "i": "invoke the model"}
LEGEND = (
    "  of version 1:   l list its folder   w get the weights   k decrypt with their key   i invoke it",
    "  A lookalike is called as the import's role, in another account, or almost so, in the same one.",
    "  Its own account lets it at all buckets and keys.",
)
IMPORT_ROLE, LOOKALIKE = "import's role", "lookalike"
_SPECIAL = (IMPORT_ROLE, LOOKALIKE)
_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "NoSuchKey", "ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class ImportAccess:
    """The letters of the calls that succeeded. `is_lookalike`: none of them may."""

    letters: str
    is_lookalike: bool = False

    @property
    def calls(self) -> frozenset[str]:
        """The calls that succeed, each as a verb."""
        return frozenset(LETTERS[letter] for letter in self.letters)

    @property
    def style(self) -> tuple[str, ...]:
        """How a terminal shows it."""
        if self.letters and self.is_lookalike:
            return ("red", "bold")
        return ("green",) if self.letters else ("dim",)

    def __str__(self) -> str:
        """Short, as the matrix shows it."""
        return self.letters or "-"


class ImportObservers(Observers):
    """Every role that works in an account of a stage, and those that come and go with an import."""

    def __init__(self, organization: Organization, settings: Path, environment: ImportEnvironment, host: Host) -> None:
        super().__init__(settings)
        self._environment = environment
        self._host = host
        self._model = ""
        consumer = next(observer for observer in self.all if observer.account == HOSTING)
        ours = [replace(consumer, role=role) for role in _SPECIAL]
        outside = Observer(len(self.all), OWNER, GOVERNANCE, LOOKALIKE, OWNER)
        self.all = sorted([*self.all, *ours, outside])

        @cache
        def client(service: str, profile: str, role: str) -> Any:
            return organization.client(service, profile, role=role)

        self._client = client

    def look(self, observer: Observer) -> ImportAccess:
        """Return what the role is let do now; nothing as long as there is no such role."""
        role = self._role_of(observer)
        if role is None:
            return self._access(observer, "")
        s3, kms, runtime = (self._client(each, observer.profile, role) for each in ("s3", "kms", "bedrock-runtime"))
        calls: dict[str, Callable[[], object]] = {
            "l": lambda: s3.list_objects_v2(Bucket=BUCKET, Prefix=folder(1)),
            "w": lambda: s3.get_object(Bucket=BUCKET, Key=f"{folder(1)}{WEIGHTS}"),
            "k": lambda: kms.decrypt(KeyId=self._environment.key, CiphertextBlob=self._environment.ciphertext),
            "i": lambda: runtime.invoke_model(modelId=self._model_arn(), body=b"{}"),
        }
        return self._access(observer, "".join(letter for letter, call in calls.items() if _succeeds(call)))

    def expected(
        self, *, gets: Collection[Observer], decrypts: Collection[Observer], imported: bool, denied: bool
    ) -> dict[Observer, ImportAccess]:
        """Return what every role should be let do. `gets` may deploy version 1 and `decrypts` any version at all: the
        key is that of all; `imported`: whether version 1 is a model now. `denied`: whether somebody keeps other
        accounts than the owner's from the bucket's objects.
        """

        def expect(observer: Observer) -> ImportAccess:
            is_owners = observer.account == self._environment.owner
            is_imports = imported and observer.role == IMPORT_ROLE
            is_let = {
                "l": is_owners or is_imports or observer in gets,
                "w": is_owners or ((is_imports or observer in gets) and not denied),
                "k": is_owners or is_imports or observer in decrypts,
                "i": imported and observer.account == HOSTING and observer.role not in _SPECIAL,
            }
            return self._access(observer, "".join(letter for letter, let in is_let.items() if let))

        return {observer: expect(observer) for observer in self.all}

    def _role_of(self, observer: Observer) -> str | None:
        """The role's name, with its path where it has one."""
        if observer.role not in _SPECIAL:
            return observer.role
        found = self._host.roles() if observer.role == IMPORT_ROLE else self._host.lookalikes(observer.account)
        return f"{PATH[1:]}{found[0]}" if found else None

    def _model_arn(self) -> str:
        """The ARN of the model; of the last one where it is gone, of any where there hasn't been one yet."""
        self._model = self._host.models().get(MODEL, self._model)
        return self._model or f"arn:{PARTITION}:bedrock:{REGION}:{HOSTING}:imported-model/{'0' * 12}"

    def _access(self, observer: Observer, letters: str) -> ImportAccess:
        return ImportAccess(letters, is_lookalike=observer.role == LOOKALIKE)


def _succeeds(call: Callable[[], object]) -> bool:
    """Whether a call succeeds, or is refused because the caller isn't let or what it asks for isn't there."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] in _REFUSED:
            return False
        raise
    return True
