"""The ledger's table as template.yaml makes it, with a look at what is in it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stagegate.approvals.questions import Question
from stagegate.approvals.records import AuditRecord
from stagegate.ledger import approvals, items, read, sweeps
from tests.support.builders import CARD_ARN
from tests.support.scripted import Answer, Scripted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NAME = "stagegate-ledger"


def claimed_by(holder: str | None, **answers: Answer) -> Scripted:
    """A ledger that says who holds every claim, and what else is written down."""
    return Scripted("dynamodb", GetItem={"Item": {"holder": {"S": holder}}} if holder else {}, **answers)


@dataclass(frozen=True)
class Table:
    """The table and its client."""

    client: "DynamoDBClient"
    name: str = NAME

    @classmethod
    def create(cls, client: "DynamoDBClient") -> "Table":
        """Make the table: a partition key `pk` and a sort key `sk`, and the directory of all subjects."""
        client.create_table(
            TableName=NAME,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
                {"AttributeName": "subject", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": sweeps.INDEX,
                    "KeySchema": [{"AttributeName": "subject", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        return cls(client)

    def claim(self, holder: str, arn: str = CARD_ARN) -> None:
        """Let a run hold the claim on a subject, as the state machine's `Take` does."""
        self.put(items.subject_key(arn), items.CLAIM, {"holder": holder, "wanted": 1})

    def knows(self, arn: str, **values: Any) -> None:
        """A run was about a subject once; nothing is left to do unless `values` of the claim say so."""
        self.put(items.subject_key(arn), items.CLAIM, {"subject": arn, "wanted": 1, "done": 1, **values})

    def put(self, pk: str, sk: str, values: dict[str, Any]) -> None:
        """Put an item."""
        self.client.put_item(TableName=self.name, Item=items.item(pk, sk, values))

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        """An item's values, or None."""
        found = self.client.get_item(TableName=self.name, Key=items.key(pk, sk), ConsistentRead=True).get("Item")
        return items.values(found) if found else None

    def recorded(self, arn: str = CARD_ARN, *, execution: str = "a look") -> read.Recorded:
        """All that is on record about a subject, compared."""
        return read.read(self.client, self.name, arn, read.Reading(execution=execution, is_whole=True))

    def keep(self, *entries: AuditRecord | Question, arn: str = CARD_ARN) -> None:
        """Put records and questions among the approvals of a subject."""
        for entry in entries:
            approvals.put(self.client, self.name, arn, entry)

    def all_keys(self) -> list[tuple[str, str]]:
        """The keys of everything in the table but the claims, sorted."""
        found = (items.values(item) for item in self.client.scan(TableName=self.name)["Items"])
        return sorted((item["pk"], item["sk"]) for item in found if item["sk"] != items.CLAIM)
