"""Every kind of subject, and the room that is about it: the one place that lists them, beside ReadInput in govern.

Planning, verifying, recording, sweeping and recording approvals ask here. A part of a room is loaded when it is asked
for, so that a function which starts for one kind doesn't wait for what is about the others.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, cast

from stagegate.core.arns import Subject, sagemaker_resource
from stagegate.core.errors import UnknownSubjectError
from stagegate.core.findings import Finding, blocked

if TYPE_CHECKING:
    from stagegate.subjects.parts import Auditing, Listing, Planning, Recording, Speaking, Verifying

Part = Literal["audit", "list", "record", "verify", "word"]
"""Modules that a room may have beside `plan`, under the same name in every room."""

_NAME = r"(?![a-zA-Z0-9-]{64})[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
"""SageMaker's pattern, and its length: the pattern alone counts no hyphens. `ReadInput` takes the same names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of subject.

    `name` is what its ARNs call it, `names` the regular expression of what follows there, and `form` both for people;
    `has_arn` is False for what is named `form` alone. A sentence calls one `noun`, the first time `called`, and a stage
    with access `can`. `notes_fences`: until one of its grants has a target, all that the ledger notes of it is fences.
    `member_owned` is the code of the finding for one that another account owns. `follows` is the kind whose word it
    needs, "" for none. `room` is its
    folder in `subjects`: `plan` is always there, other `parts` where they are listed. `sweep_note` is what a sweep's
    message explains about it.
    """

    name: str
    room: str
    noun: str
    called: str
    can: str
    names: str
    form: str
    has_arn: bool = True
    notes_fences: bool = False
    member_owned: str = ""
    follows: str = ""
    parts: tuple[Part, ...] = ()
    sweep_note: str = ""

    def planning(self) -> "Planning":
        """Return what plans one."""
        return cast("Planning", self._part("plan"))

    def verifying(self) -> "Verifying":
        """Return what looks at one again after its changes. Raises TypeError where the surfaces have done that.

        Grants of packages and groups stand in documents that others write as well. Whoever wrote one has read it back
        while nobody else could write it; a later look could be at the next writer's. A guardrail's are answered for by
        the functions that wrote them, which have read back what settles later.
        """
        if not self.is_verified:
            raise TypeError(f"{self.name}: its surfaces have looked again themselves")
        return cast("Verifying", self._part("verify"))

    @property
    def is_verified(self) -> bool:
        """Whether there is something to look at again once the changes of one were made."""
        return "verify" in self.parts

    def recording(self) -> "Recording | None":
        """Return what says more of a run than its lines, None where there is no more to say."""
        return cast("Recording", self._part("record")) if "record" in self.parts else None

    def listing(self) -> "Listing | None":
        """Return what lists all there are, None where only the record knows of them."""
        return cast("Listing", self._part("list")) if "list" in self.parts else None

    def auditing(self) -> "Auditing":
        """Return what reads the `calls` that change one. A kind without any has nothing of the sort."""
        return cast("Auditing", self._part("audit"))

    def speaking(self) -> "Speaking":
        """Return what says what one opens for those that follow it."""
        return cast("Speaking", self._part("word"))

    @property
    def calls(self) -> tuple[str, ...]:
        """CloudTrail's names of the calls that change one, whose records are kept."""
        what = "".join(word.capitalize() for word in self.name.split("-"))
        return (f"Create{what}", f"Update{what}") if "audit" in self.parts else ()

    def _part(self, part: "Literal['plan'] | Part") -> object:
        return import_module(f"{__package__}.{self.room}.{part}")

    def is_named(self, name: str) -> bool:
        """Tell whether one can be called so."""
        return re.fullmatch(self.names, name) is not None

    def of_a_member(self, subject: Subject, governance_account: str) -> Finding:
        """Return the finding for one that another account owns."""
        code = self.member_owned
        return blocked(
            code,
            f"The {self.noun} belongs to account {subject.account}, and only its owner can share it. Create it in the"
            f" governance account {governance_account}. Nothing was opened.",
        )


_KINDS = (
    Kind(
        name="model-card",
        room="cards",
        noun="card",
        called="a model card",
        can="sees it",
        names=_NAME,
        form="model-card/NAME",
        notes_fences=True,
        member_owned="MemberOwnedCard",
        parts=("audit", "list", "verify", "word"),
    ),
    Kind(
        name="model-package",
        room="packages",
        noun="model package",
        called="a model package",
        can="may deploy it",
        # An unversioned package, whose ARN has no group, takes no approval ("Model registry models, versions, groups").
        names=rf"{_NAME}/[0-9]{{1,9}}",
        form="model-package/GROUP/VERSION",
        member_owned="MemberOwnedPackage",
        follows="model-card",
        parts=("audit", "list"),
    ),
    Kind(
        name="model-package-group",
        room="groups",
        noun="model package group",
        called="a group of them",
        can="may register in it",
        names=_NAME,
        form="model-package-group/GROUP",
        member_owned="MemberOwnedGroup",
        parts=("list",),
    ),
    Kind(
        name="hub",
        room="hubs",
        noun="hub",
        called="a private hub",
        can="sees it",
        names=_NAME,
        form="hub/NAME",
        member_owned="MemberOwnedHub",
        parts=("list", "record", "verify"),
    ),
    Kind(
        name="guardrail",
        room="guardrails",
        noun="guardrail",
        called="a guardrail",
        can="is behind it",
        names=r"[a-z][a-z0-9-]{0,31}",
        form="guardrail/NAME",
        has_arn=False,
        parts=("list",),
        sweep_note="A guardrail that goes up counts as closing, one that comes down as opening.",
    ),
    Kind(
        name="account",
        room="accounts",
        noun="account",
        called="an account",
        can="is behind it",
        names=r"[0-9]{12}",
        form="account/ID",
        has_arn=False,
        parts=("list",),
        sweep_note="Of an account goes what is ours and no subject on record wants.",
    ),
)

SUBJECTS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
"""Every kind by its name, in the order in which a sweep looks at them."""


def kind_of(subject: Subject) -> Kind:
    """Return the kind of a subject."""
    return SUBJECTS[subject.kind]


def kind_named(named: str) -> Kind | None:
    """Return the kind of what an ARN names, or the name of something that has none; None for no kind of subject."""
    subject = sagemaker_resource(named)
    return SUBJECTS.get(subject.kind if subject else named.partition("/")[0])


def is_misnamed(named: str) -> bool:
    """Tell whether it would be a subject but for its name, as a run of an earlier version may have left on record.

    What is of no kind at all isn't: a later version may know it.
    """
    kind = named.split(":", 5)[-1].partition("/")[0]
    subject = sagemaker_resource(named)
    name = subject.name if subject else named.split(":", 5)[-1].partition("/")[2]
    found = SUBJECTS.get(kind)
    return found is not None and not found.is_named(name)


def subject_named(named: str, *, partition: str, region: str, account: str) -> Subject:
    """Return the subject that an ARN names, or the name of one that has none, which is this account's, here.

    Raises UnknownSubjectError, with all that is allowed (`ModelCardArn`, `ModelPackageArn`, `ModelPackageGroupArn` and
    `HubNameOrArn` in botocore's SageMaker model).
    """
    subject = sagemaker_resource(named)
    if subject is None:
        kind, _, name = named.partition("/")
        subject = Subject(kind=kind, arn=named, partition=partition, region=region, account=account, name=name)
    found = SUBJECTS.get(subject.kind)
    if found is None or found.has_arn is not named.startswith("arn:") or not found.is_named(subject.name):
        raise UnknownSubjectError(f"subject: found {named!r}; allowed: {_allowed()}")
    return subject


def _allowed() -> str:
    kinds = SUBJECTS.values()
    home = "arn:PARTITION:sagemaker:REGION:ACCOUNT"
    *first, last = [f"of {each.called}, {home}:{each.form}" for each in kinds if each.has_arn]
    by_name = [each.form for each in kinds if not each.has_arn]
    return "; or ".join([f"the ARN {', '.join(first)}, or {last}", *by_name])
