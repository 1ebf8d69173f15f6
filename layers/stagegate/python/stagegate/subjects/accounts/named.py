"""The targets of an account that the rules name to the letter. What a pattern means, subjects say."""

from collections.abc import Iterator

from stagegate.core.addresses import repository_of
from stagegate.rules.model import Rules
from stagegate.targets.target import Target, TargetType


def named_targets(rules: Rules, account: str, *, region: str, partition: str) -> Iterator[Target]:
    """Yield the buckets, keys and repositories of an account that the rules name."""

    def target(type_: TargetType, where: str, name: str) -> Target:
        return Target(type=type_, account=account, region=where, partition=partition, name=name)

    for bucket in rules.buckets:
        if bucket.account == account and not bucket.name.endswith("*"):
            yield target(TargetType.BUCKET_POLICY, region, bucket.name)
    for key in dict.fromkeys(bucket.key for bucket in rules.buckets if bucket.key):
        if key.split(":")[4] == account:
            yield target(TargetType.KEY_GRANTS, key.split(":")[3], key)
    for address in rules.repository_addresses:
        found = repository_of(address)
        if found and found.account == account:
            yield target(TargetType.REPOSITORY_POLICY, found.region, found.name)


def has_named_targets(rules: Rules, account: str, region: str) -> bool:
    """Tell whether the rules name any."""
    return any(named_targets(rules, account, region=region, partition="aws"))
