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
                    folder = _folder(model, data)
                    read = folder if entry.get("scope") == "group" else data
                    found += [*_get(who, read), _see(who, folder if entry.get("listing") == "group" else read)]
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
    """What "group" means: the folder on the way to the data that is called as the group, the first of them. Where there
    is none, it is the data.
    """
    before, found, _ = f"/{data.key}".partition(f"/{model.group}/")
    return Data(data.bucket, f"{before}{found}".removeprefix("/"), below=True) if found else data


def _get(who: list[str], data: Data) -> list[Grant]:
    """A key that doesn't end in a slash stands for the object, and for what is below it as a folder."""
    bucket = f"arn:aws:s3:::{data.bucket}"
    itself: Grant = {"who": who, "may": ["s3:GetObject"], "on": [f"{bucket}/{data.key}"]}
    if not data.below:
        return [itself]
    below: Grant = {"who": who, "may": ["s3:GetObject"], "on": [{"start": f"{bucket}/{_slashed(data)}"}]}
    return [below] if _slashed(data) == data.key else [itself, below]


def _see(who: list[str], data: Data) -> Grant:
    """Of what is below a key, the list of the folder alone."""
    bucket, prefix = f"arn:aws:s3:::{data.bucket}", {"start": _slashed(data)} if data.below else data.key
    return {"who": who, "may": ["s3:ListBucket"], "on": [bucket], "where": {"s3:prefix": [prefix]}}


def _slashed(data: Data) -> str:
    return data.key if data.key.endswith("/") else f"{data.key}/"


def _are_roles(who: list[str]) -> bool:
    return who[0].startswith("arn:")
