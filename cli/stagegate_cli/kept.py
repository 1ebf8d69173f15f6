"""What is kept as evidence, read by whoever verifies.

Others may have put it there: each object is read by itself, and what is wrong with one is no reason to leave out the
rest.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from stagegate.aws.errors import code_of
from stagegate.core.untrusted import one_line
from stagegate.evidence import heads
from stagegate.evidence.model import Heads
from stagegate_cli.connection import Connection, calling, no_stack

_AT_ONCE = 16
_MOST_BYTES = 64 * 1024 * 1024
"""Of one object: the ends of a hundred thousand subjects have half of that."""

Read = tuple[Heads, datetime] | str
"""The ends that an object has and when S3 stored it, which no writer says; or why it can't be read."""


def bucket(connection: Connection) -> str:
    """Return the bucket of evidence: its function knows it."""
    with calling("look for the bucket of evidence", no_stack(connection)):
        function = connection.client("lambda").get_function_configuration(FunctionName=f"{connection.prefix}-evidence")
    return str(function["Environment"]["Variables"]["STAGEGATE_EVIDENCE"])


def versions(connection: Connection, name: str) -> dict[str, int]:
    """Return how many versions of each key there are, delete markers included."""
    counts: Counter[str] = Counter()
    with calling(f"list what is kept in {name}", f"there is no bucket {name}"):
        for page in (
            connection.client("s3")
            .get_paginator("list_object_versions")
            .paginate(Bucket=name, Prefix=heads.FOLDER, ExpectedBucketOwner=connection.account)
        ):
            counts.update(each["Key"] for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())))
    return dict(counts)


def read(connection: Connection, name: str, keys: Sequence[str]) -> Iterator[tuple[str, Read]]:
    """Yield what was kept under each key, or why it can't be read. Raises Problem if none of them can be got."""
    client = connection.client("s3")

    def one(key: str) -> tuple[str, Read | ClientError | BotoCoreError]:
        try:
            answer = client.get_object(Bucket=name, Key=key, ExpectedBucketOwner=connection.account)
            if answer["ContentLength"] > _MOST_BYTES:
                return key, f"no ends of chains: it has {answer['ContentLength']:,} bytes"
            return key, (heads.heads_of(answer["Body"].read().decode()), answer["LastModified"].astimezone(UTC))
        except client.exceptions.NoSuchKey:
            return key, "it was deleted"
        except ValueError as error:
            return key, str(error)
        except (ClientError, BotoCoreError) as error:
            return key, error

    errors: list[tuple[str, ClientError | BotoCoreError]] = []
    with calling(f"read what is kept in {name}"):
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for key, answer in pool.map(one, keys):
                if isinstance(answer, Exception):
                    errors.append((key, answer))
                else:
                    yield key, answer
        if errors and len(errors) == len(keys):
            raise errors[0][1]
    yield from ((key, _why(error)) for key, error in errors)


def _why(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, BotoCoreError):
        return f"it can't be read: {one_line(str(error), 700)}"
    said = one_line(error.response.get("Error", {}).get("Message", ""), 700)
    return f"it can't be read: {error.operation_name} was refused ({code_of(error)}): {said}"
