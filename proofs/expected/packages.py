"""Deploying packages: their group, their data, their keys, their images."""

from collections.abc import Iterable

from proofs.expected.facts import SAGEMAKER, Data, Grant, Model, Settings, bucket_of, people

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def on_group(settings: Settings, models: Iterable[Model], owner: str) -> list[Grant]:
    """Whoever deploys a version may use that version, and see that there are others."""
    found: list[Grant] = []
    for model in models:
        group = f"{SAGEMAKER}:model-package-group/{model.group}"
        for stage in model.stages:
            if who := list(people(settings, stage, owner)):
                found += [
                    {
                        "who": who,
                        "may": ["sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"],
                        "on": [group],
                    },
                    {
                        "who": who,
                        "may": ["sagemaker:ListModelPackages"],
                        "on": [{"start": f"{SAGEMAKER}:model-package/{model.group}/"}],
                    },
                    {"who": who, "may": ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"], "on": [model.arn]},
                ]
    return found


def on_bucket(settings: Settings, models: Iterable[Model], bucket: str) -> list[Grant]:
    """Whoever deploys a version may read its objects in the bucket, and list what they may read."""
    entry = bucket_of(settings, bucket)
    found: list[Grant] = []
    for model in models:
        here = [data for data in model.data if data.bucket == bucket]
        for stage in model.stages if here else ():
            if who := list(people(settings, stage, entry["account"])):
                found.append({"who": who, "may": ["s3:GetBucketLocation"], "on": [f"arn:aws:s3:::{bucket}"]})
                for data in here:
                    found += _read(who, _folder(model, data) if entry.get("scope") == "group" else data)
    return found


def on_key(settings: Settings, models: Iterable[Model], key: str) -> list[Grant]:
    """Whoever deploys a version may decrypt what the bucket's key has encrypted. KMS asks no account about it."""
    opened = [m for m in models if key in {bucket_of(settings, data.bucket).get("key") for data in m.data}]
    listed = [list(people(settings, stage, key.split(":")[4])) for model in opened for stage in model.stages]
    may = ["kms:Decrypt", "kms:DescribeKey"]
    return [{"who": who, "may": may, "on": [key], "directly": _are_roles(who)} for who in listed if who]


def on_repository(settings: Settings, models: Iterable[Model], address: str) -> list[Grant]:
    """Whoever deploys a version may pull images of its repository: a repository's policy knows no single image."""
    opened = [model for model in models if model.image.startswith(f"{address}:")]
    listed = [list(people(settings, s, address.partition(".")[0])) for model in opened for s in model.stages]
    return [{"who": who, "may": PULL} for who in listed if who]


def _folder(model: Model, data: Data) -> Data:
    """scope = "group" is the folder on the way to the data that is called as the group, the first of them. Where there
    is none, it is the data.
    """
    before, found, _ = f"/{data.key}".partition(f"/{model.group}/")
    return Data(data.bucket, f"{before}{found}".removeprefix("/"), below=True) if found else data


def _read(who: list[str], data: Data) -> list[Grant]:
    """A key that doesn't end in a slash stands for the object, and for what is below it as a folder."""
    bucket = f"arn:aws:s3:::{data.bucket}"
    get, see = ["s3:GetObject"], ["s3:ListBucket"]
    if not data.below:
        return [
            {"who": who, "may": get, "on": [f"{bucket}/{data.key}"]},
            {"who": who, "may": see, "on": [bucket], "where": {"s3:prefix": [data.key]}},
        ]
    folder = data.key if data.key.endswith("/") else f"{data.key}/"
    itself: list[Grant] = [{"who": who, "may": get, "on": [f"{bucket}/{data.key}"]}] if folder != data.key else []
    return [
        *itself,
        {"who": who, "may": get, "on": [{"start": f"{bucket}/{folder}"}]},
        {"who": who, "may": see, "on": [bucket], "where": {"s3:prefix": [{"start": folder}]}},
    ]


def _are_roles(who: list[str]) -> bool:
    return who[0].startswith("arn:")
