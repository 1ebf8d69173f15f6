"""The subjects that the ledger knows."""

from stagegate.ledger.items import subject_key
from stagegate.ledger.sweeps import recorded
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.names import chosen, spelled_out

_PAGE = 1000


def subject(connection: Connection, named: str) -> str:
    """Return the ARN, or the name of what has none, of the subject that a person means. Raises Problem."""
    home = connection
    found = spelled_out(named, partition=home.partition, region=home.region, account=home.account)
    return found or chosen(named, subjects(connection))


def is_recorded(connection: Connection, arn: str) -> bool:
    """Tell whether a run was ever about a subject."""
    with calling("look for the subject", no_stack(connection)):
        found = connection.client("dynamodb").query(
            TableName=connection.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": subject_key(arn)}},
            Limit=1,
        )
    return bool(found["Items"])


def subjects(connection: Connection) -> list[str]:
    """Return every subject that a run was ever about."""
    found: list[str] = []
    after: str | None = None
    while True:
        with calling("list the recorded subjects", no_stack(connection)):
            page, after = recorded(connection.client("dynamodb"), connection.table, after, _PAGE)
        found += page
        if after is None:
            return found
