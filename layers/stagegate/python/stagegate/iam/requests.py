"""Requests that a grant of ours is made for: who asks, for what, and what is known of the circumstances."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stagegate.iam.globs import Known
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import PRINCIPAL_ARN, Condition, Effect, Statement, account_root_of

Values = tuple[Known | None, ...]
"""What a condition key may have, one of these in each request; None: the request doesn't carry it."""

ABSENT: Values = (None,)

_OF_RESOURCES = ("bedrock:", "dynamodb:", "ecr:", "iam:", "kms:", "ram:", "s3:", "sagemaker:")
"""Keys of services, which only requests to that very service carry. Others may tell of where credentials came from
(`lambda:SourceFunctionArn`, `ec2:RoleDelivery`)."""

# Of services that call by themselves ("AWS global condition context keys", properties of requests).
_OF_SERVICES = (
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
)
# What only a request that writes carries, or one through an access point ("Actions, resources, and condition keys for
# Amazon S3"): these here read, and name the bucket.
_OF_OTHER_S3_REQUESTS = (
    "s3:accessgrantsinstancearn",
    "s3:accesspointnetworkorigin",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:object-lock-",
    "s3:requestobjecttag",
    "s3:x-amz-acl",
    "s3:x-amz-content-sha256-",
    "s3:x-amz-copy-source",
    "s3:x-amz-grant-",
    "s3:x-amz-metadata-directive",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-storage-class",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One action that a principal is to be able to take: `principal` is a role's ARN, or an account's root for all of
    it. `resource` is None where the policy speaks of what it is on (ECR). `known` has what is known of condition keys,
    by their names in small letters. `has_boundary`: whether the role is known to have a permissions boundary.
    """

    principal: str
    action: str
    resource: Known | None
    known: Mapping[str, Values] = field(default_factory=dict)
    has_boundary: bool = False

    @property
    def account(self) -> str:
        """The principal's account."""
        return self.principal.split(":")[4]

    @property
    def is_whole_account(self) -> bool:
        """Whether the principal is everybody whom the account lets."""
        return self.principal.endswith(":root")

    def values(self, key: str) -> Values | None:
        """Return what a condition key may have, None where nobody knows."""
        name = key.lower()
        if name in self.known:
            return self.known[name]
        service = f"{self.action.partition(':')[0].lower()}:"
        is_others = name.startswith(_OF_RESOURCES) and not name.startswith(service)
        if is_others or name in _OF_SERVICES or (service == "s3:" and name.startswith(_OF_OTHER_S3_REQUESTS)):
            return ABSENT
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the requests go: the account and Region of the resource, and the organization of all of them, if any.

    `bounded` are the ARNs of roles that have a permissions boundary, or are to get one.
    """

    account: str
    region: str
    organization: str | None = None
    bounded: frozenset[str] = frozenset()


def requests_of(statement: Statement, place: Place) -> list[Request]:
    """Return every request that an Allow of ours is for, one for each role (or account), action and resource."""
    if statement.effect is not Effect.ALLOW:
        return []
    named = [c for c in statement.conditions if c.is_principal_arn and c.operator == "ArnEquals"]
    principals = {value for condition in named for value in condition.values} or statement.principals
    given = {c.key.lower(): _values(c) for c in statement.conditions if c not in named and _is_positive(c)}
    resources = [None] if statement.resources is None else [_known(text) for text in sorted(statement.resources)]
    return [
        request_of(principal, action, resource, place, given)
        for principal in sorted(principals)
        for action in sorted(statement.actions)
        for resource in resources
    ]


def requests_of_use(use: KeyUse, key: str, place: Place) -> list[Request]:
    """Return every request that a grant on a key is for."""
    given: dict[str, Values] = {f"kms:encryptioncontext:{name.lower()}": (Known(value),) for name, value in use.context}
    return [
        request_of(use.grantee, f"kms:{operation}", Known(key), place, given if operation != "DescribeKey" else {})
        for operation in use.operations
    ]


def request_of(
    principal: str, action: str, resource: Known | None, place: Place, given: Mapping[str, Values]
) -> Request:
    """Return a request of a role, or of all of an account, with what is known of its circumstances; `given` is what is
    known of this very request beside.
    """
    account = account_root_of(principal).split(":")[4]
    is_role = ":role/" in principal
    organization: dict[str, Values] = {}
    if place.organization:
        organization = {
            "aws:principalorgid": (Known(place.organization),),
            "aws:principalorgpaths": (Known(f"{place.organization}/", is_start=True),),
            "aws:resourceorgid": (Known(place.organization),),
            "aws:resourceorgpaths": (Known(f"{place.organization}/", is_start=True),),
        }
    known: dict[str, Values] = {
        PRINCIPAL_ARN.lower(): (Known(principal) if is_role else Known(principal.removesuffix("root"), is_start=True),),
        "aws:principalaccount": (Known(account),),
        "aws:principalisawsservice": (Known("false"),),
        "aws:resourceaccount": (Known(place.account),),
        # "TLS 1.2 is the minimum" of AWS's endpoints (AWS security blog, 2023), and its SDKs ask for no less.
        "aws:securetransport": (Known("true"),),
        "s3:tlsversion": (Known("1.2"), Known("1.3")),
        "s3:resourceaccount": (Known(place.account),),
        "s3:signatureversion": (Known("AWS4-HMAC-SHA256"),),
        "kms:calleraccount": (Known(account),),
        **organization,
        **({"aws:principaltype": (Known("AssumedRole"),)} if is_role else {}),
        # Of a bucket nobody here knows which Region it is in.
        **({} if action.startswith("s3:") else {"aws:requestedregion": (Known(place.region),)}),
        **given,
    }
    service = f"{action.partition(':')[0].lower()}:"
    return Request(
        principal=principal,
        action=action,
        resource=resource,
        known={key: values for key, values in known.items() if key.startswith(("aws:", service))},
        has_boundary=principal in place.bounded,
    )


def _is_positive(condition: Condition) -> bool:
    return condition.operator in ("StringEquals", "StringLike")


def _values(condition: Condition) -> Values:
    is_pattern = condition.operator == "StringLike"
    return tuple(_known(value) if is_pattern else Known(value) for value in sorted(condition.values))


def _known(text: str) -> Known:
    """Return what a Resource of ours stands for: `exactly` has escaped what is no wildcard, and `*` ends it."""
    is_start = text.endswith("*")
    start = text.removesuffix("*")
    for letter in "*?$":
        start = start.replace(f"${{{letter}}}", letter)
    return Known(start, is_start)
