"""DynamoDB, as moto brings it, with writes one after the other."""

from sandbox.services.dynamodb.writes import install

__all__ = ["install"]
