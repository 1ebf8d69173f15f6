"""Writing a policy document that others write as well: nobody's statement is lost, and ours are exactly those wanted.

No service offers a condition on what a PUT replaces. So the caller holds the lease of the target, the time between
the look and the PUT is kept as short as it can be, and the PUT is sent once: the SDK's own retry could put a document
back that is stale by then. Only one that was refused for what it says is followed by another. A foreign edit in between
can't be prevented, only kept unlikely and found again.
"""

import time
from collections.abc import Collection
from typing import Protocol

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import NotSettledError, RefusedError
from stagegate.iam.limits import Limit
from stagegate.iam.render import Rendered, narrowed, render
from stagegate.iam.statements import Statement
from stagegate.targets.target import Target

_LOOKS = (0.0, 0.3, 1.0, 3.0)
"""Seconds before each look at what stands there: S3's bucket configurations are eventually consistent."""


class Document(Protocol):
    """One target's policy document. Its errors are AWS's own (`write` and `delete`), or ours (`read`)."""

    @property
    def target(self) -> Target:
        """Whose document it is."""

    @property
    def limit(self) -> Limit:
        """How large it may be, with the ways out of one that is full."""

    @property
    def refusals(self) -> Collection[str]:
        """The error codes with which the service refuses what a document says."""

    def read(self) -> str | None:
        """Return what stands there, or None where there is no policy."""

    def write(self, text: str) -> None:
        """Replace the whole document."""

    def delete(self) -> None:
        """Take the policy away; one that is gone already is no error."""


def put_statements(
    document: Document, wanted: Collection[Statement], sid_prefix: str, *, is_expected: bool = True
) -> Rendered:
    """Make `wanted` all that our statements in the document say, and return it once it stands; `sid_prefix` starts the
    Sids.

    Doing it again changes nothing, and writes nothing. A policy in which no statement is left is deleted. If a change
    `is_expected`, it takes several looks to believe that there is none to make: a read that is behind shows what stood
    there before the last write, and that can be just what is wanted of something that was opened a moment ago.

    Raises DocumentTooLargeError before anything is written; RefusedError, which names principals of somebody else's
    statement that don't exist any more where AWS refuses the document and has such; NotSettledError where what is read
    back isn't ours (somebody has replaced it, or the read is behind), or looks disagree whether there is a policy.
    """
    rendered = _first_change(document, wanted, sid_prefix, 3 if is_expected else 1)
    if not rendered.changed:
        return rendered
    with translated(f"write {document.target.id}"):
        try:
            _write(document, rendered)
        except ClientError as error:
            if rendered.dead and code_of(error) in document.refusals:
                raise RefusedError(_dead(document, rendered, error)) from error
            raise
    for pause in _LOOKS:
        time.sleep(pause)
        # What others have changed meanwhile is theirs: it stands when writing it anew would change nothing of ours.
        if not render(document.read(), wanted, document.limit, sid_prefix).changed:
            return rendered
    raise NotSettledError(f"{document.target.id}: what was written isn't what stands there")


def put_what_fits(document: Document, wanted: Collection[Statement], sid_prefix: str) -> tuple[Statement, ...]:
    """Take out what isn't `wanted`, where a document that says all that is wanted is too large; return what is wanted,
    stood there, and has no room any more. What stands is never more than what is wanted.

    Raises what `put_statements` raises; DocumentTooLargeError where others have filled the document.
    """
    with translated(f"read {document.target.id}"):
        found = document.read()
        if found is None:
            time.sleep(_LOOKS[1])
            found = document.read()
    if found is None:  # there is nothing to take out
        return ()
    kept, lost = narrowed(found, wanted, document.limit, document.target.partition, sid_prefix)
    put_statements(document, kept, sid_prefix, is_expected=False)
    return lost


def _first_change(document: Document, wanted: Collection[Statement], sid_prefix: str, enough: int) -> Rendered:
    """Look until something is to be changed, or often `enough` to believe that nothing is.

    That there is no policy is believed when two looks in a row have found none, whatever came before: what is written
    on that takes everybody's statements away, if it isn't so. Raises NotSettledError for looks that go on disagreeing.
    """
    was_absent = False
    for number, pause in enumerate(_LOOKS, start=1):
        time.sleep(pause)
        found = document.read()
        rendered = render(found, wanted, document.limit, sid_prefix)
        if rendered.changed:
            is_believed = found is not None or was_absent
        else:
            is_believed = number >= enough and (found is None or not was_absent)
        if is_believed:
            return rendered
        was_absent = found is None
    raise NotSettledError(f"{document.target.id}: some looks find no policy there, and others find one")


def _write(document: Document, rendered: Rendered) -> None:
    """Write once; where the service refuses what is said, once more with every role and account by its ARN.

    Whether it takes an account by its id isn't known, and what is to be closed mustn't stay open for that.
    """
    if rendered.is_empty:
        document.delete()
        return
    try:
        document.write(rendered.text)
    except ClientError as error:
        if rendered.listed is None or code_of(error) not in document.refusals:
            raise
        document.write(rendered.listed)


def _dead(document: Document, rendered: Rendered, error: ClientError) -> str:
    found = ", ".join(f"{dead.id} in statement {dead.statement}" for dead in rendered.dead)
    return (
        f"write {document.target.id}: AWS refused the document ({code_of(error)}), in which somebody else names"
        f" principals that don't exist any more: {found}. Stagegate leaves others' statements alone: take these"
        " principals out, then start the subject again. Nothing was written."
    )
