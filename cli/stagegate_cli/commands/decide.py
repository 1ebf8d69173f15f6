"""`decide`: an approver's own call, once they have seen what is asked.

The call is the caller's, so that CloudTrail's record of it is, which is what Stagegate goes by. The command writes
nothing else, and nothing to the ledger.
"""

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from stagegate.approvals.principals import Actor
from stagegate.approvals.reasons import MOST_OF_A_TAG, REASON_TAG
from stagegate.core.arns import Subject, subject_of
from stagegate.core.errors import UnknownStatusError
from stagegate.ledger.survey.table import survey_one
from stagegate.rules.model import Rules
from stagegate.subjects.cards import messages as card_messages
from stagegate.subjects.cards import observe as cards
from stagegate.subjects.packages import messages as package_messages
from stagegate.subjects.packages import observe as packages
from stagegate_cli import codes
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.names import shortened, titled
from stagegate_cli.problems import Problem, wrong
from stagegate_cli.question import STATUSES, Now, Question, question_of
from stagegate_cli.screen import Screen, when

SAYS = {"approve": "approve it", "send-back": "send it back", "reject": "reject it"}
"""Each answer, as what somebody is about to do."""
MOST_REASON = 1024
"""Characters of `ApprovalDescription` ("UpdateModelPackage", API reference of SageMaker)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided, by whom. `reason_kept` says whether SageMaker keeps a reason: a card's is in its tag."""

    subject: str
    decision: str
    status: str
    version: int
    by: str
    reason_kept: bool

    @property
    def code(self) -> int:
        """The exit code."""
        return codes.OK


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody decides: `mine` makes the call, and `reader` reads ledger and rules, in the governance account."""

    mine: Connection
    reader: Connection
    rules: Rules

    def subject(self, arn: str) -> Subject:
        """Return the subject, one that somebody decides on. Raises Problem."""
        if not any(f":{kind}/" in arn for kind in STATUSES):
            raise wrong("SUBJECT", arn, "a model card or a model package: nobody decides on others")
        return subject_of(arn)

    def now(self, subject: Subject) -> Now:
        """Return what SageMaker says. Raises Problem, also for what isn't there, or can't be seen."""
        sagemaker = self.mine.client("sagemaker")
        try:
            with calling(f"read {shortened(subject.arn)}"):
                found = _card(sagemaker, subject) if subject.kind == "model-card" else _package(sagemaker, subject)
        except UnknownStatusError as error:
            raise Problem(str(error)) from error
        if found is None:
            raise Problem(f"{shortened(subject.arn)} isn't there any more. Nothing was called.", codes.WAITS)
        return found

    def question(self, subject: Subject) -> Question:
        """Return what the caller is asked. Raises Problem (`question_of`)."""
        with calling("read the ledger", no_stack(self.reader)):
            ledger, table = self.reader.client("dynamodb"), self.reader.table
            record = survey_one(ledger, table, subject.arn)
            card = survey_one(ledger, table, record.card) if record.card else None
        return question_of(record, self.rules, self.now(subject), Actor(arn=self.mine.caller), card)


def _card(sagemaker: Any, subject: Subject) -> Now | None:
    """Return a card, asked for by its ARN: the caller may be in another account."""
    card = cards.observe(sagemaker, replace(subject, name=subject.arn), asks_who=False)
    if card is None:
        return None
    if card.is_sealed:
        raise Problem(f"{shortened(subject.arn)} is encrypted with a key that you may not use. Nothing was called.")
    return Now(
        status=card.status,
        version=card.version,
        content_hash=card.content_hash,
        risk=card.risk,
        about=(*card_messages.says_of(card), *card.facts),
        sections=card.sections,
        created=card.created,
        metrics=card.metrics,
    )


def _package(sagemaker: Any, subject: Subject) -> Now | None:
    package = packages.observe(sagemaker, subject)
    if package is None:
        return None
    return Now(
        status=package.status,
        version=package.version,
        content_hash=package.content_hash,
        risk=package.risk,
        about=tuple(package_messages.about_of(package, None, package_messages.says_of(package))),
        sections=None,
        created=package.created,
    )


def refuse_reason(reason: str, kind: str) -> None:
    """Refuse a reason that SageMaker has no room for. Raises Problem."""
    most = MOST_OF_A_TAG if kind == "model-card" else MOST_REASON
    if len(reason) > most:
        raise wrong("--reason", f"{len(reason)} characters", f"{most} at most")
    if kind == "model-card" and (other := sorted({each for each in reason if not _fits_a_tag(each)})):
        allowed = "in the reason of a card, which is a tag's value: letters, digits, spaces and _.:/=+-@"
        raise wrong("--reason", " ".join(other), allowed)


def _fits_a_tag(sign: str) -> bool:
    """Tell whether a tag's value may have it (`TagValue`, botocore's SageMaker model)."""
    return sign in "_.:/=+-@" or unicodedata.category(sign)[0] in "LNZ"


def decide(desk: Desk, subject: Subject, decision: str, shown: Question, reason: str) -> Decided:
    """Make the call, if what was shown is what is there. Raises Problem."""
    again = desk.question(subject)
    if again != shown:
        raise Problem(
            f"{shortened(subject.arn)} has changed since it was shown. Nothing was called; look at it again.",
            codes.WAITS,
        )
    status = STATUSES[subject.kind][decision]
    _wait_for_the_next_second(shown.asked_at)
    sagemaker, is_card = desk.mine.client("sagemaker"), subject.kind == "model-card"
    with calling(f"set {shortened(subject.arn)} to {status}"):
        if is_card:
            if reason:
                tags = [{"Key": REASON_TAG, "Value": reason}]
                sagemaker.add_tags(ResourceArn=subject.arn, Tags=tags)
            sagemaker.update_model_card(ModelCardName=subject.arn, ModelCardStatus=status)
        else:
            said = {"ApprovalDescription": reason} if reason else {}
            sagemaker.update_model_package(ModelPackageArn=subject.arn, ModelApprovalStatus=status, **said)
    return Decided(
        subject=subject.arn,
        decision=decision,
        status=status,
        version=shown.version,
        by=desk.mine.caller,
        reason_kept=bool(reason),
    )


def _wait_for_the_next_second(asked: datetime, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """CloudTrail's times are whole seconds: an answer in the very second of the question would be none."""
    while now() < asked.replace(microsecond=0) + timedelta(seconds=1) and now() > asked - timedelta(seconds=2):
        time.sleep(0.1)


def show_question(found: Question, decision: str, screen: Screen) -> None:
    """Print what is asked."""
    screen.line(f"{titled(found.subject)}, {found.status}, version {found.version}, risk {found.risk}", "head")
    screen.line(f"  {found.subject}", "dim")
    screen.line()
    for line in found.about:
        screen.prose(line)
    if ":model-package/" in found.subject:
        screen.prose("Which card speaks for it isn't shown here: the message to the approvers names it.")
    screen.prose(f"asked {when(found.asked_at)}; written by {', '.join(found.written_by) or 'nobody who is recorded'}")
    screen.head("Yes lets open")
    screen.items(found.opens or ["nothing"])
    if found.blocks:
        screen.head("What keeps Yes from opening anything now")
        screen.items(found.blocks)
    screen.line()
    status = STATUSES["model-card" if ":model-card/" in found.subject else "model-package"][decision]
    screen.line(f"You are about to {SAYS[decision]}: {found.status} becomes {status}.")


def show(found: Decided, screen: Screen) -> None:
    """Print what was decided."""
    screen.line(f"{shortened(found.subject)} is {found.status} now, by {found.by}.", "good")
    screen.prose(
        "Stagegate goes by CloudTrail's record of this call, which takes minutes on AWS."
        " `stagegate history` shows what came of it.",
        indent="",
    )
