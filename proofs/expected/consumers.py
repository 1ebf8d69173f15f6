"""What the roles of a stage need in their own account, for all that the rules may open to the stage."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from proofs.expected.facts import HOME, REGION, SAGEMAKER, Grant, Settings, roles, stage_of_anybody
from proofs.expected.packages import PULL
from proofs.expected.registering import pending

_READ_HUB = [
    f"sagemaker:{action}"
    for action in ("DescribeHub", "DescribeHubContent", "ListHubContents", "ListHubContentVersions")
]


def consumer(settings: Settings, stage: str) -> list[Grant]:
    """Return all of it."""
    return [
        *_cards(settings, stage),
        *_packages(settings, stage),
        *_models(settings, stage),
        *_registering(settings, stage),
        *_hubs(settings, stage),
        *_imported(settings, stage),
    ]


def _cards(settings: Settings, stage: str) -> list[Grant]:
    opened = [e for s in settings["cards"]["status"].values() for e in s["opens"] if e["stage"] == stage]
    if not opened:
        return []
    writes = any(each.get("write") for each in opened)
    exports = ["CreateModelCardExportJob", "DescribeModelCardExportJob"] if settings["cards"].get("export") else []
    may = ["DescribeModelCard", "ListModelCardVersions", *(["UpdateModelCard"] if writes else []), *exports]
    cards = {"start": f"{SAGEMAKER}:model-card/"}
    of_cards = {
        "kms:ViaService": [f"sagemaker.{REGION}.amazonaws.com"],
        "kms:EncryptionContext:aws:sagemaker:model-card-arn": [cards],
    }
    return [
        {"may": [f"sagemaker:{each}" for each in may], "on": [cards]},
        {
            "may": ["kms:Decrypt", *(["kms:GenerateDataKey"] if writes else [])],
            "on": [{"like": f"arn:aws:kms:{REGION}:*:key/*"}],
            "where": of_cards,
        },
    ]


def _packages(settings: Settings, stage: str) -> Iterator[Grant]:
    if not _deploys(settings, stage):
        return
    groups, versions = ({"start": f"{SAGEMAKER}:{kind}/"} for kind in ("model-package-group", "model-package"))
    yield {"may": ["sagemaker:DescribeModelPackageGroup"], "on": [groups]}
    yield {"may": ["sagemaker:ListModelPackages"], "on": [groups, versions]}
    yield {"may": ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"], "on": [versions]}
    for entry in settings["buckets"]:
        owned = {"aws:ResourceAccount": [entry["account"]]}
        bucket = f"arn:aws:s3:::{entry['name']}"
        yield {"may": ["s3:GetBucketLocation", "s3:ListBucket"], "on": [{"like": bucket}], "where": owned}
        yield {"may": ["s3:GetObject"], "on": [{"like": f"{bucket}/*"}], "where": owned}
        if key := entry.get("key"):
            by_s3 = {"kms:ViaService": [f"s3.{key.split(':')[3]}.amazonaws.com"]}
            yield {"may": ["kms:Decrypt"], "on": [key], "where": by_s3}
            yield {"may": ["kms:DescribeKey"], "on": [key]}
    for account in _sources(settings):
        by_sagemaker = {"kms:ViaService": [f"sagemaker.{REGION}.amazonaws.com"]}
        yield {"may": ["kms:Decrypt"], "on": [{"start": f"arn:aws:kms:{REGION}:{account}:key/"}], "where": by_sagemaker}
        yield {"may": PULL, "on": [{"start": f"arn:aws:ecr:{REGION}:{account}:repository/"}]}
    yield {"may": ["ecr:GetAuthorizationToken"], "on": ["*"]}


def _models(settings: Settings, stage: str) -> Iterator[Grant]:
    if not _deploys(settings, stage) and not any(access == "use" for _, access in _shared(settings, stage)):
        return
    found = stage_of_anybody(settings, stage)
    for account in found["accounts"]:
        yield {"may": ["sagemaker:CreateModel"], "on": [{"start": f"arn:aws:sagemaker:{REGION}:{account}:model/"}]}
        yield {
            "may": ["iam:PassRole"],
            "on": roles(account, found["roles"]),
            "where": {"iam:PassedToService": ["sagemaker.amazonaws.com"]},
        }


def _registering(settings: Settings, stage: str) -> Iterator[Grant]:
    for entry in settings.get("registrations", ()):
        if entry["stage"] == stage:
            for group in _spelled(entry["groups"]):
                of, versions = f"{SAGEMAKER}:model-package-group/{group}", f"{SAGEMAKER}:model-package/{group}/*"
                yield {"may": ["sagemaker:DescribeModelPackageGroup"], "on": [{"like": of}]}
                yield {
                    "may": ["sagemaker:CreateModelPackage"],
                    "on": [{"like": of}, {"like": versions}],
                    "where": pending(settings),
                }


def _hubs(settings: Settings, stage: str) -> Iterator[Grant]:
    shared = list(_shared(settings, stage))
    for hub, access in shared:
        may = [*_READ_HUB, *(["sagemaker:DeployHubModel"] if access == "use" else [])]
        yield {"may": may, "on": [f"{SAGEMAKER}:hub/{hub}", {"start": f"{SAGEMAKER}:hub-content/{hub}/"}]}
    if any(access == "use" for _, access in shared):
        cache = f"arn:aws:s3:::jumpstart-cache-prod-{REGION}"
        may = ["s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket"]
        yield {"may": may, "on": [cache, {"start": f"{cache}/"}]}


def _imported(settings: Settings, stage: str) -> Iterator[Grant]:
    entries = [each for each in settings.get("imports", ()) if each["stage"] == stage and each.get("consumer")]
    of = [{"like": f"{SAGEMAKER}:model-package/{g}/*"} for entry in entries for g in _spelled(entry["groups"])]
    for account in stage_of_anybody(settings, stage)["accounts"] if entries else ():
        models = {"start": f"arn:aws:bedrock:{REGION}:{account}:imported-model/"}
        yield {"may": ["bedrock:InvokeModel"], "on": [models], "where": {"aws:ResourceTag/stagegate:package": of}}


def _deploys(settings: Settings, stage: str) -> bool:
    return any(stage in rule["opens"] for rule in settings["packages"]["status"].values())


def _shared(settings: Settings, stage: str) -> Iterator[tuple[str, str]]:
    for hub in settings.get("hubs", ()):
        for share in hub["shares"] if hub.get("state", "present") == "present" else ():
            if share["stage"] == stage:
                yield hub["name"], share["access"]


def _sources(settings: Settings) -> Iterable[str]:
    registering: list[Mapping[str, Any]] = settings.get("registrations", [])
    return {
        HOME,
        *(bucket["account"] for bucket in settings["buckets"]),
        *(account for entry in registering for account in stage_of_anybody(settings, entry["stage"])["accounts"]),
        *(address.partition(".")[0] for entry in registering for address in entry.get("repositories", ())),
    }


def _spelled(groups: Iterable[str]) -> list[str]:
    return [each for group in groups for each in (group, group.lower())]
