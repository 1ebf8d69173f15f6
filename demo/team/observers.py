"""Looking at both teams' models from each team's accounts: what each role's own calls let it do with either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.observers import Observer, Observers
from demo.team.seeding import model_arn, no_model_arn
from demo.team.teams import Team
from sandbox.stagegate.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

LETTERS = {
    "r": "read the card",
    "w": "write the card",
    "v": "describe the version",
    "b": "get the weights from the bucket",
    "k": "decrypt with the key",
    "i": "pull the image",
    "m": "invoke the model in Bedrock",
    "h": "list the hub",
    "o": "see the version in the hub",
}
LEGEND = (
    "  r read the card   w write it   v describe the version   b get its weights   k decrypt with the key",
    "  i pull its image   m invoke it in Bedrock   h list the hub   o see it in the hub",
    "  In each cell: what is of the role's own team / what is of the other one.",
)
ADMINISTRATOR = "Administrator"
_PROBE = {"ModelCardStatus": "Draft", "Content": "{}"}
"""What gets past authorization only for who may write, and is refused then: it changes nothing."""
_MISSING = frozenset({"NoSuchKey", "ResourceNotFound", "ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class TeamAccess:
    """The letters of the calls that succeeded: on what is of the role's own team, and on what is another's."""

    own: str = ""
    others: str = ""

    @property
    def calls(self) -> frozenset[str]:
        """The calls that succeed, each as a verb."""
        own = {LETTERS[letter] for letter in self.own}
        return frozenset(own | {f"{LETTERS[letter]} of the other team" for letter in self.others})

    @property
    def style(self) -> tuple[str, ...]:
        """How a terminal shows it."""
        return ("red", "bold") if self.others else ("green",) if self.own else ("dim",)

    def __str__(self) -> str:
        """Short, as the matrix shows it: `rvbk/-`."""
        return f"{self.own or '-'}/{self.others or '-'}"


class TeamObservers(Observers):
    """Each stage's role in both teams' accounts. `ciphertexts` were made with each team's key, by its name."""

    def __init__(
        self, organization: Organization, settings: Path, teams: Sequence[Team], ciphertexts: Mapping[str, bytes]
    ) -> None:
        super().__init__(settings)
        self.all = [observer for observer in self.all if observer.role != ADMINISTRATOR]
        self._organization = organization
        self._teams = teams
        self._ciphertexts = ciphertexts
        self._models: dict[str, str] = {}

        @cache
        def client(service: str, observer: Observer) -> Any:
            return organization.client(service, observer.profile, role=observer.role)

        self._client = client

    def look(self, observer: Observer) -> TeamAccess:
        """Return what the role is let do now."""
        found = {team.name: "".join(self._letters(observer, team)) for team in self._teams}
        own = found.pop(self.team_of(observer).name)
        return TeamAccess(own, "".join(letter for letter in LETTERS if any(letter in each for each in found.values())))

    def team_of(self, observer: Observer) -> Team:
        """Whose account the role works in."""
        return next(team for team in self._teams if observer.account in team.stages.values())

    def administrators(self) -> list[Observer]:
        """Those whose own account lets them do everything, one in each account."""
        return [replace(observer, role=ADMINISTRATOR) for observer in self.all]

    def _letters(self, observer: Observer, team: Team) -> Iterator[str]:
        return (letter for letter, call in self._calls(observer, team).items() if _succeeds(call))

    def _calls(self, observer: Observer, team: Team) -> dict[str, Callable[[], object]]:
        sagemaker, s3, kms, ecr, runtime = (
            self._client(each, observer) for each in ("sagemaker", "s3", "kms", "ecr", "bedrock-runtime")
        )
        image = {"registryId": GOVERNANCE, "repositoryName": team.repository, "imageIds": [{"imageTag": "1"}]}
        return {
            "r": lambda: sagemaker.describe_model_card(ModelCardName=team.card),
            "w": lambda: sagemaker.update_model_card(ModelCardName=team.card, **_PROBE),
            "v": lambda: sagemaker.describe_model_package(ModelPackageName=team.version),
            "b": lambda: s3.get_object(Bucket=team.bucket, Key=f"{team.folder}model.safetensors"),
            "k": lambda: kms.decrypt(KeyId=team.key, CiphertextBlob=self._ciphertexts[team.name]),
            "i": lambda: ecr.batch_get_image(**image),
            "m": lambda: runtime.invoke_model(modelId=self._model_of(team), body=b"{}"),
            "h": lambda: sagemaker.list_hub_contents(
                HubName=team.hub_arn, HubContentType="ModelReference", MaxResults=1
            ),
            "o": lambda: sagemaker.describe_hub_content(
                HubName=team.hub_arn, HubContentType="Model", HubContentName=team.model
            ),
        }

    def _model_of(self, team: Team) -> str:
        """The ARN of its model; of the last one where it is gone, of any where there hasn't been one yet."""
        found = model_arn(self._organization, team)
        if found is not None:
            self._models[team.name] = found
        return self._models.get(team.name) or no_model_arn(team)


def _succeeds(call: Callable[[], object]) -> bool:
    """Whether a call succeeds, or gets past authorization to be refused for what it asks; not if the caller isn't let
    or what it is about isn't there.
    """
    try:
        call()
    except ClientError as error:
        found = error.response["Error"]
        missing = found["Code"] in _MISSING or "does not exist" in found.get("Message", "")
        if found["Code"].startswith("AccessDenied") or missing:
            return False
        if found["Code"] == "ValidationException" and error.operation_name == "UpdateModelCard":
            return True
        raise
    return True
