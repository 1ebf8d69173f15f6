"""The story of a model that is imported into Amazon Bedrock: on an approver's word, explained where it can't be, and
gone again with its approval.
"""

from __future__ import annotations

import gzip

from demo.deploying import deploy
from demo.imports.actions import APPROVED, Actions
from demo.imports.rules import CONSUMER, MODEL, STAGE
from demo.judge.checks import runs, tells, writes_nothing
from demo.people import APPROVER, OWNER
from demo.story import Story
from sandbox.kernel.delays import delays
from sandbox.stagegate.members import HOSTING

WAIT_FACTOR = 0.02
"""An import waits for 15 seconds before it looks for the first time."""
_REJECTED = "Rejected"
_GOVERNED = frozenset({"bedrock", "iam", "kms", "s3", "sagemaker"})
_ARCHIVE = "model.tar.gz"


def imports(actions: Actions, rules: str) -> Story:
    """Yield the steps of the whole story, which begins with the `rules`."""
    usual, delays.wait_factor = delays.wait_factor, WAIT_FACTOR
    try:
        yield from _made(actions, rules)
        yield from _kept(actions)
        yield from _refused(actions)
    finally:
        delays.wait_factor = usual


def _made(actions: Actions, rules: str) -> Story:
    action = f"{HOSTING} is to host models, by the rules that are deployed now"

    def act() -> None:
        deploy(actions.organization, rules)
        actions.host.let_the_consumer_invoke()

    yield actions.step(action, act, [runs(1, 1)])
    if actions.card.is_asked:
        yield actions.makes_the_card("PendingReview")
    yield actions.registers(1)
    if not actions.approves(actions.organization.profiles[OWNER].arn):
        notified = [tells(f"not on the approver list of {STAGE}")]
        yield actions.sets(OWNER, 1, APPROVED, notified, column="approved by its owner")
    if actions.card.is_asked:
        yield actions.sets_the_card(APPROVER, APPROVED)
    notified = [tells("for Bedrock alone", f"is imported for {STAGE}", f"role/{CONSUMER} has invoked it")]
    yield actions.sets(APPROVER, 1, APPROVED, notified, column="by an approver")


def _kept(actions: Actions) -> Story:
    action = "somebody makes two roles that are called like the import's"
    yield actions.step(action, actions.host.make_lookalikes, [runs(0, 0)], column="copies made")
    quiet = [writes_nothing(actions.organization, lambda: actions.calls, _GOVERNED, "S3, KMS, IAM and Bedrock")]
    yield actions.step(f"{OWNER} starts a manual run", lambda: actions.starts(1), quiet)
    yield actions.sets(APPROVER, 1, _REJECTED, column="rejected")


def _refused(actions: Actions) -> Story:
    """What can't be imported says why, and nothing stays open for it."""
    actions.environment.put(2, {_ARCHIVE: gzip.compress(b"what SageMaker's own containers take")})
    notified = [tells("Bedrock can't import a SageMaker archive")]
    yield actions.registers_and_sets(
        APPROVER, 2, APPROVED, notified, what=f"a {_ARCHIVE}", column="an archive approved"
    )
    actions.denied = True
    notified = [tells("ForeignDeny", "Statement OursAlone")]
    action = "another team denies its bucket to all other accounts, and {who} sets {version} {status}"
    yield actions.sets(APPROVER, 1, APPROVED, notified, before=actions.environment.deny, action=action, column="denied")
    actions.denied = False

    def mend() -> None:
        actions.environment.deny_no_more()
        actions.starts(1)

    notified = [tells(f"{MODEL} is in Amazon Bedrock")]
    yield actions.step(f"that team takes it back, and {OWNER} starts a manual run", mend, notified, column="mended")
    if actions.card.is_asked:
        yield actions.sets_the_card(APPROVER, "Archived", column="card archived")
    yield actions.deletes(1, column=None if actions.card.is_asked else "deleted")
