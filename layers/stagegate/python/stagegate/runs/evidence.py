"""Evidence: where the chains of all histories end, kept where nothing is put over it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import code_of, translated
from stagegate.aws.sessions import own_session
from stagegate.evidence.heads import document_of, key_of
from stagegate.ledger.chains import ends

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

PERMISSIONS = ends.PERMISSIONS | {"s3:PutObject"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """What keeps ends: where it runs, and the clients."""

    environment: Environment
    bucket: str
    dynamodb: "DynamoDBClient"
    s3: "S3Client"

    @classmethod
    def from_environment(cls, bucket: str) -> "Keeper":
        """Return the keeper of a function, by its environment. Raises SettingsError."""
        return cls(
            environment=Environment.read(),
            bucket=bucket,
            dynamodb=own_session().client("dynamodb", config=REPEATABLE),
            s3=own_session().client("s3", config=REPEATABLE),
        )

    def keep(self, now: datetime) -> dict[str, Any]:
        """Keep the ends under the time, and return where, and of how many `subjects`.

        Twice is once more, under another time. The same time has the same ends: an answer that was lost found them
        written.
        """
        found = ends.ends(self.dynamodb, self.environment.table, now)
        key = key_of(now)
        with translated(f"keep {key} of {self.bucket}"):
            try:
                self.s3.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=document_of(found).encode(),
                    ContentType="application/json",
                    # The bucket's policy takes nothing else.
                    IfNoneMatch="*",
                    ExpectedBucketOwner=self.environment.account,
                )
            except ClientError as error:
                if code_of(error) != "PreconditionFailed":
                    raise
        return {"bucket": self.bucket, "key": key, "subjects": len(found.heads)}
