"""How names, accounts and principals in governance.toml are written."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from stagegate.rules.toml_lines import KeyPath

ANY = "*"
"""In a pattern of a path: every element of an array, every key of a table."""

PathPattern: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """How a string is written: a regular expression for all of it, and the same for the reader."""

    expression: str
    meaning: str

    def fits(self, text: str) -> bool:
        """Tell whether a string is written so."""
        return re.fullmatch(self.expression, text) is not None


_PARTITION = "arn:aws(?:-[a-z]+)*"
_NAME = "[A-Za-z0-9_+=,.@-]"
_PATH = "(?:[!-)+->@-~]+/)?"  # an IAM path: printable ASCII; here without * and ?

PRINCIPAL = Format(
    "|".join(
        (
            f"{_PARTITION}:iam::[0-9]{{12}}:role/{_PATH}{_NAME}{{1,64}}",
            f"{_PARTITION}:iam::[0-9]{{12}}:user/{_PATH}{_NAME}{{1,64}}",
            f"{_PARTITION}:sts::[0-9]{{12}}:assumed-role/{_NAME}{{1,64}}/{_NAME}{{2,64}}",
            f"{_PARTITION}:sagemaker:[a-z0-9-]+:[0-9]{{12}}:user-profile/(?:[A-Za-z0-9-]+/)?[A-Za-z0-9-]{{1,63}}",
        )
    ),
    "the ARN of an IAM role, an IAM user, one assumed-role session or a SageMaker user profile",
)

_ROLE_ARN = Format(
    f"{_PARTITION}:iam::[0-9]{{12}}:role/{_PATH}{_NAME}{{1,64}}", "the ARN of an IAM role, without wildcards"
)
# `us.anthropic.…` and the like are inference profiles: what is denied or allowed is the model that they lead to.
_BEDROCK_MODEL = r"(?!(?:[a-z]{2}|apac|global|us-gov)\.)[a-z0-9-]+\.(?:[a-z0-9][a-z0-9.:-]*\*?|\*)"
_MADE_HERE = (
    r"(?:imported-model|provisioned-model|custom-model-deployment)/(?:\*|[a-z0-9]{12})"
    r"|custom-model/(?:\*|[a-z0-9.:-]+/[a-z0-9]{12})"
)
_JUMPSTART_MODEL = r"[A-Za-z0-9][A-Za-z0-9-]*\*?"

ENTITY = Format("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", '1 to 63 letters, digits and, between them, "-"')

_BUCKET = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_ROLE_HERE = Format(
    f"/?(?:{_NAME}+/)*{_NAME}{{1,64}}",
    'a role\'s name, with its path if it has one ("service-role/Name"): 1 to 64 letters, digits and any of _+=,.@-',
)
_ROLE = Format(
    f"(?:{_PARTITION}:iam::[0-9]{{12}}:role/|/?)(?:{_NAME}+/)*{_NAME}{{1,64}}",
    'a role\'s name, with its path if it has one ("service-role/Name"), or its ARN: 1 to 64 letters, digits and any of'
    " _+=,.@-",
)


def _names(what: str) -> Format:
    expression = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}|([a-zA-Z0-9][a-zA-Z0-9-]{0,61})?\\*"
    return Format(expression, f'a {what}\'s name, or the start of one and "*"')


_GROUPS = _names("model package group")
_UNIT = Format(
    "ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32}", 'the id of an organizational unit, "ou-...", or of the root'
)
_TAG_KEY = Format(
    "(?![aA][wW][sS]:)[a-zA-Z0-9 _.:/=+@-]{1,128}",
    'the key of a tag, 1 to 128 letters, digits, spaces and any of _.:/=+-@, and not "aws:" at its beginning',
)
_NAME_PART = r"(?:[0-9A-Za-z_-]|\{group\})*"

VERSION = Format("[0-9]{1,4}\\.[0-9]{1,4}\\.[0-9]{1,4}", 'a version of three numbers, as "1.0.0"')
DAY = Format("[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", 'a day as "2026-01-31"')
MODEL_ID = Format("[a-zA-Z0-9-]{1,255}", 'the whole id of a model; patterns go into "names"')
MODEL_IDS = Format("[a-zA-Z0-9*-]{1,255}", "the id of a model, with * for anything")

# Ids of Bedrock's models: botocore, bedrock 2023-04-20, FoundationModelArn, CustomModelArn and the like.
# Ids of domains: botocore, sagemaker 2017-07-24, DomainId.
# IAM names: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
# Names of hubs: botocore, sagemaker 2017-07-24, HubName; versions there: HubContentVersion, without what it lets slip.
# Organizational units and roots: botocore, organizations 2016-11-28, ParentId.
# Organization ids: botocore, organizations 2016-11-28, OrganizationId.
# Keys and values of tags: botocore, sagemaker 2017-07-24, TagKey and TagValue, of ASCII alone.
# Stages and statuses of ModelLifeCycle: botocore, sagemaker 2017-07-24, EntityName.
# Bucket names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
# External ids: botocore, sts 2011-06-15, externalIdType and its length.
FORMATS: dict[PathPattern, Format] = {
    ("organization", "id"): Format("o-[a-z0-9]{10,32}", '"o-", then 10 to 32 of a-z and 0-9'),
    ("organization", "external_id"): Format(
        "[A-Za-z0-9_+=,.@:/-]{2,1224}", "2 to 1224 letters, digits and any of _+=,.@:/-"
    ),
    ("stages", ANY, "name"): Format("[a-z][a-z0-9-]{0,31}", 'a letter a-z, then up to 31 of a-z, 0-9 and "-"'),
    ("organization", "accounts", ANY): Format("[0-9]{12}", "an account id, 12 digits"),
    ("stages", ANY, "accounts", ANY): Format("[0-9]{12}", "an account id, 12 digits"),
    ("stages", ANY, "units", ANY): _UNIT,
    ("stages", ANY, "roles", ANY): _ROLE,
    ("stages", ANY, "metrics", ANY, "name"): Format("[^\n]{1,255}", "1 to 255 characters in one line"),
    ("audiences", ANY, "name"): Format("[a-z][a-z0-9-]{0,31}", 'a letter a-z, then up to 31 of a-z, 0-9 and "-"'),
    ("audiences", ANY, "cards", ANY): _names("card"),
    ("audiences", ANY, "groups", ANY): _names("model package group"),
    ("audiences", ANY, "hubs", ANY): _names("hub"),
    ("audiences", ANY, "owners", ANY): Format("[0-9]{12}", "an account id, 12 digits"),
    ("audiences", ANY, "stages", ANY, "accounts", ANY): Format("[0-9]{12}", "an account id, 12 digits"),
    ("audiences", ANY, "stages", ANY, "units", ANY): _UNIT,
    ("audiences", ANY, "stages", ANY, "roles", ANY): _ROLE,
    ("audiences", ANY, "tag", "key"): _TAG_KEY,
    ("audiences", ANY, "tag", "values", ANY): Format(
        "[a-zA-Z0-9 _.:/=+@-]{1,256}", "1 to 256 letters, digits, spaces and any of _.:/=+-@"
    ),
    ("tags", ANY, "key"): _TAG_KEY,
    ("tags", ANY, "principals", ANY): PRINCIPAL,
    ("approvers", ANY, "principals", ANY): PRINCIPAL,
    ("packages", "image_accounts", ANY): Format("[0-9]{12}", "an account id, 12 digits"),
    ("packages", "lifecycle", ANY, "lifecycle_stage"): ENTITY,
    ("packages", "lifecycle", ANY, "lifecycle_status"): ENTITY,
    ("guardrails", ANY, "name"): Format("[a-z][a-z0-9-]{0,31}", 'a letter a-z, then up to 31 of a-z, 0-9 and "-"'),
    ("guardrails", ANY, "roles", ANY): _ROLE_ARN,
    ("guardrails", ANY, "accounts", ANY): Format("[0-9]{12}", "an account id, 12 digits"),
    ("guardrails", ANY, "domains", ANY, "account"): Format("[0-9]{12}", "an account id, 12 digits"),
    ("guardrails", ANY, "domains", ANY, "id"): Format("d-[a-z0-9-]{1,61}", "the id of a SageMaker domain, d-..."),
    ("guardrails", ANY, "bedrock", "deny", ANY): Format(
        rf"{_BEDROCK_MODEL}|\*",
        'a foundation model\'s id with its provider and without a Region, as in "anthropic.claude-*" (any other fits no'
        ' model), or "*"',
    ),
    ("guardrails", ANY, "bedrock", "allow", ANY): Format(
        f"{_BEDROCK_MODEL}|{_MADE_HERE}",
        'a foundation model\'s id with its provider and without a Region, as in "amazon.titan-*" (any other fits no'
        ' model), or "custom-model/*", "custom-model-deployment/*", "imported-model/*", "provisioned-model/*"',
    ),
    ("guardrails", ANY, "jumpstart", "deny", ANY): Format(
        rf"{_JUMPSTART_MODEL}|\*", 'a JumpStart model\'s id, or the start of one and "*", or "*"'
    ),
    ("guardrails", ANY, "jumpstart", "allow", ANY): Format(
        _JUMPSTART_MODEL, 'a JumpStart model\'s id, or the start of one and "*"'
    ),
    ("buckets", ANY, "name"): Format(
        f"{_BUCKET}|[a-z0-9][a-z0-9.-]{{2,61}}\\*",
        'a bucket\'s name, or the start of one, at least 3 characters, and "*"',
    ),
    ("hubs", ANY, "name"): ENTITY,
    ("hubs", ANY, "description"): Format("[^\n]{1,1023}", "1 to 1023 characters in one line"),
    ("hubs", ANY, "allow", ANY, "minimum"): VERSION,
    ("hubs", ANY, "allow", ANY, "reviewed"): DAY,
    ("hubs", ANY, "allow", ANY, "ids", ANY): MODEL_ID,
    ("hubs", ANY, "allow", ANY, "names", ANY): MODEL_IDS,
    ("hubs", ANY, "keep_out", ANY, "ids", ANY): MODEL_ID,
    ("hubs", ANY, "keep_out", ANY, "names", ANY): MODEL_IDS,
    ("hubs", ANY, "packages", ANY): _GROUPS,
    ("hubs", ANY, "stays", ANY, "names", ANY): _names("content"),
    ("buckets", ANY, "account"): Format("[0-9]{12}", "an account id, 12 digits"),
    ("buckets", ANY, "key"): Format(
        f"{_PARTITION}:kms:[a-z0-9-]+:[0-9]{{12}}:key/[A-Za-z0-9-]+",
        "the ARN of a customer key, not of an alias: AWS's own keys can't be opened to another account",
    ),
    ("repositories", ANY, "name"): Format(
        r"\*|[a-z0-9][a-z0-9._/-]{0,255}\*?", 'the name of a repository, or the start of one and "*"'
    ),
    ("repositories", ANY, "account"): Format("[0-9]{12}", "an account id, 12 digits"),
    ("registrations", ANY, "groups", ANY): _GROUPS,
    ("imports", ANY, "groups", ANY): _GROUPS,
    ("imports", ANY, "model"): Format(
        rf"{_NAME_PART}\{{version\}}{_NAME_PART}",
        'letters, digits, "-" and "_", with {version} for the package\'s version and, if you like, {group}',
    ),
    ("imports", ANY, "key"): Format(
        f"{_PARTITION}:kms:[a-z0-9-]+:[0-9]{{12}}:key/[A-Za-z0-9-]+", "the ARN of a customer key of the hosting account"
    ),
    ("imports", ANY, "consumer"): _ROLE_HERE,
    ("registrations", ANY, "roles", ANY): _ROLE,
    ("registrations", ANY, "readers", ANY): _ROLE_HERE,
    ("registrations", ANY, "data", ANY): Format(
        f"s3://{_BUCKET}/(.+/)?", 'a folder with a slash at its end, "s3://bucket/" or "s3://bucket/folder/"'
    ),
    ("registrations", ANY, "repositories", ANY): Format(
        r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9][a-z0-9._/-]*",
        "an image's address without tag and digest, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME",
    ),
}

SECTIONS = (
    "model_overview",
    "model_package_details",
    "intended_uses",
    "business_details",
    "training_details",
    "evaluation_details",
    "additional_information",
)
"""The top-level keys of a model card's content.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-api-json-schema.html
"""

NUMBERS: dict[PathPattern, tuple[int, int]] = {
    ("sweep", "ask_above_grants"): (0, 1_000_000),
    ("sweep", "ask_above_percent"): (0, 100),
    ("sweep", "ask_above_blind_percent"): (0, 100),
    ("sweep", "close_after_blind_sweeps"): (1, 1000),
    ("hubs", ANY, "most_removed_percent"): (0, 100),
    ("approvers", ANY, "needed"): (1, 5),
}
"""The least and the most that a number may be."""

NOT_EMPTY: tuple[PathPattern, ...] = (
    ("stages",),
    ("stages", ANY, "accounts"),
    ("stages", ANY, "units"),
    ("stages", ANY, "metrics"),
    *(("audiences", ANY, key) for key in ("cards", "groups", "hubs", "owners", "stages")),
    *(("audiences", ANY, "stages", ANY, key) for key in ("accounts", "units", "roles")),
    ("audiences", ANY, "tag", "values"),
    ("tags", ANY, "principals"),
    ("approvers", ANY, "principals"),
    ("approvers", ANY, "risks"),
    ("hubs", ANY, "allow"),
    ("hubs", ANY, "packages"),
    ("hubs", ANY, "stays", ANY, "names"),
    ("registrations", ANY, "groups"),
    ("imports", ANY, "groups"),
    ("registrations", ANY, "roles"),
    ("registrations", ANY, "readers"),
)

UNIQUE: tuple[tuple[PathPattern, PathPattern], ...] = (
    (("stages",), (ANY, "name")),
    (("stages", ANY, "accounts"), (ANY,)),
    (("stages", ANY, "units"), (ANY,)),
    (("stages", ANY, "roles"), (ANY,)),
    (("stages", ANY, "metrics"), (ANY, "name")),
    (("audiences",), (ANY, "name")),
    *((("audiences", ANY, key), (ANY,)) for key in ("cards", "groups", "hubs", "owners")),
    (("audiences", ANY, "stages"), (ANY, "stage")),
    *((("audiences", ANY, "stages", ANY, key), (ANY,)) for key in ("accounts", "units", "roles")),
    (("audiences", ANY, "tag", "values"), (ANY,)),
    (("tags",), (ANY, "key")),
    (("tags", ANY, "principals"), (ANY,)),
    (("cards", "required_sections"), (ANY,)),
    (("cards", "status", ANY, "opens"), (ANY, "stage")),
    (("packages", "status", ANY, "opens"), (ANY,)),
    (("organization", "accounts"), (ANY,)),
    (("packages", "image_accounts"), (ANY,)),
    (("buckets",), (ANY, "name")),
    (("guardrails",), (ANY, "name")),
    (("guardrails", ANY, "roles"), (ANY,)),
    (("guardrails", ANY, "accounts"), (ANY,)),
    (("hubs",), (ANY, "name")),
    (("hubs", ANY, "shares"), (ANY, "stage")),
    (("hubs", ANY, "packages"), (ANY,)),
    (("approvers", ANY, "principals"), (ANY,)),
    (("approvers", ANY, "risks"), (ANY,)),
    (("imports", ANY, "groups"), (ANY,)),
    *((("registrations", ANY, key), (ANY,)) for key in ("groups", "roles", "data", "repositories", "readers")),
)
"""Where a value may stand once: an array, and the path of the value below it."""


def select(value: object, pattern: PathPattern, path: KeyPath = ()) -> list[tuple[KeyPath, object]]:
    """Return every value that `pattern` fits, with its path. What has another shape fits nothing."""
    if not pattern:
        return [(path, value)]
    first, *rest = pattern
    below: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        below = list(value.items()) if first == ANY else [(first, value[first])] if first in value else []
    elif isinstance(value, list) and first == ANY:
        below = list(enumerate(value))
    return [found for key, child in below for found in select(child, tuple(rest), (*path, key))]
