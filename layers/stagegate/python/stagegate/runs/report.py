"""Report: who can use what, as a page, as JSON and as CSV, in the bucket of reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import translated
from stagegate.aws.release import Release
from stagegate.aws.sessions import own_session
from stagegate.core.partitions import partition_of
from stagegate.rules.model import Rules
from stagegate.subjects.context import here

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from stagegate.report.model import About

PERMISSIONS = frozenset({"s3:PutObject"})
"""Beside what the survey takes."""

PAGE, DOCUMENT, CELLS = "report.html", "report.json", "report.csv"
"""The keys. The bucket keeps each report that was there before as a version of the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """What makes reports: where it runs, by which rules and release, and the clients."""

    environment: Environment
    rules: Rules
    release: Release
    bucket: str
    dynamodb: "DynamoDBClient"
    s3: "S3Client"

    @classmethod
    def from_environment(cls, bucket: str) -> "Reporter":
        """Return the reporter of a function, by its environment. Raises SettingsError."""
        environment, rules = here()
        return cls(
            environment=environment,
            rules=rules,
            release=Release.read(),
            bucket=bucket,
            dynamodb=own_session().client("dynamodb", config=REPEATABLE),
            s3=own_session().client("s3", config=REPEATABLE),
        )

    def report(self, now: datetime) -> dict[str, Any]:
        """Write the report, and return where it is: `bucket`, and the version of each of its `files`; and how many
        `models` it has.

        Twice is once more. Of one that fails half-way the page is as it was before: it is written last.
        """
        # Loaded for the one event of a day: a quarter of the start, and a template engine.
        from stagegate.ledger.survey.table import survey
        from stagegate.report.build import report_of
        from stagegate.report.cells import as_csv
        from stagegate.report.document import as_json
        from stagegate.report.page import as_html

        said = survey(self.dynamodb, self.environment.table)
        report = report_of(said, self.rules, self._about(now), sid_prefix=self.environment.sid_prefix)
        files = {
            DOCUMENT: self._put(DOCUMENT, as_json(report), "application/json"),
            CELLS: self._put(CELLS, as_csv(report), "text/csv; charset=utf-8"),
            PAGE: self._put(PAGE, as_html(report), "text/html; charset=utf-8"),
        }
        return {"bucket": self.bucket, "files": files, "models": len(report.models)}

    def _about(self, now: datetime) -> "About":
        from stagegate.report.model import About  # with the report, as above

        place = self.environment
        return About(
            account=place.account,
            region=place.region,
            partition=partition_of(place.region),
            prefix=place.prefix,
            made=now,
            by=str(self.release),
        )

    def _put(self, key: str, text: str, kind: str) -> str:
        with translated(f"write {key} of {self.bucket}"):
            written = self.s3.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=text.encode(),
                ContentType=kind,
                ExpectedBucketOwner=self.environment.account,
            )
        return written.get("VersionId", "")
