"""One model that is to be in Amazon Bedrock: what of, under which name, and for whom."""

import hashlib
import json
from dataclasses import asdict, dataclass

from stagegate.approvals.fingerprints import Fingerprints
from stagegate.core.addresses import S3Uri
from stagegate.core.untrusted import word

PACKAGE_TAG, CARD_TAG, CONTENT_TAG = "stagegate:package", "stagegate:card", "stagegate:content"
"""Tags of the job and of the model. A model without them is somebody else's, and left alone."""

_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelImport:
    """A package's weights as a model called `name` in `account`, read with `role_arn` from `source`, which is
    `source_account`'s.

    `content` is a digest of what was approved: its addresses, and the bytes where the approval has them. `fingerprints`
    are of the objects that were approved, None where nobody is asked. `source_key` is the key of the weights, `key`
    that of the model. `consumer` is the ARN of a role that may invoke the model. `card` says in a tag which card it
    came with, `approval` is the id of the approval's record.
    """

    stage: str
    group: str
    version: int
    account: str
    region: str
    partition: str
    name: str
    role_arn: str
    source: S3Uri
    source_account: str
    content: str
    card: str
    fingerprints: Fingerprints | None = None
    source_key: str | None = None
    key: str | None = None
    consumer: str | None = None
    replaces: bool = False
    approval: str = ""

    def __str__(self) -> str:
        """A line that a person can read."""
        return f"import {word(f'{self.source}*')} into {self.account}"

    @property
    def said(self) -> str:
        """Everything that is asked for, as text: equal for equal imports. A new approval of the same isn't another
        one.
        """
        said = {name: value for name, value in asdict(self).items() if name != "approval"}
        return json.dumps(said, sort_keys=True, separators=(",", ":"))

    @property
    def queue(self) -> str:
        """Where it waits its turn: a Region of an account imports one model at a time."""
        return f"{self.account}/{self.region}"

    def tags(self, package_arn: str) -> list[dict[str, str]]:
        """Return the tags that say whose job and model it is."""
        said = {PACKAGE_TAG: package_arn, CARD_TAG: self.card, CONTENT_TAG: self.content}
        return [{"key": name, "value": value} for name, value in said.items()]

    def token(self, package_arn: str, execution: str) -> str:
        """Return the job's client token: the same for the same run, so that a repeated request makes one job.

        A later run has another: a token that was used before gets the first job, also one that has failed.
        """
        return hashlib.sha256("#".join((package_arn, self.queue, self.content, execution)).encode()).hexdigest()

    def job_name(self, prefix: str, package_arn: str, execution: str) -> str:
        """Return the job's name, which nobody else's job has: 1 to 63 letters, digits and hyphens."""
        return f"{prefix}-{self.token(package_arn, execution)[:_DIGITS]}"
