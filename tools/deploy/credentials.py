"""Whose credentials a command has been given."""

import re

import boto3
from botocore.exceptions import BotoCoreError, ClientError

REGION = r"[a-z]{2,4}(-[a-z]+)+-[0-9]+"


def account_of(named: str | None, region: str, *, needs_credentials: bool = True) -> str:
    """Return the governance account's id: whose the credentials are. Raises ValueError if they are another's.

    Without `needs_credentials`, one that is `named` is taken as it is.
    """
    if named:
        check_account(named)
    if named and not needs_credentials:
        return named
    try:
        found = str(boto3.client("sts", region_name=region).get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise ValueError(f"credentials: found none that work ({error}); allowed: the governance account's") from None
    if named and found != named:
        raise ValueError(f"credentials: found those of {found}; allowed: those of {named}, as ACCOUNT says")
    return found


def check_account(account: str) -> None:
    """Raise ValueError for what is no account's id."""
    if not re.fullmatch("[0-9]{12}", account):
        raise ValueError(f"ACCOUNT: found {account!r}; allowed: the governance account's id, 12 digits")


def check_region(region: str) -> None:
    """Raise ValueError for what is no Region."""
    if not re.fullmatch(REGION, region):
        raise ValueError(f'REGION: found {region!r}; allowed: a Region as "eu-west-1"')
