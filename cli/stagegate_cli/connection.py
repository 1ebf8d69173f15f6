"""Who calls, and the stack that the call is about.

Everything of a stack has a name that begins with its `Prefix`, so that a caller needs no permission to look for it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ProfileNotFound

from stagegate.aws.config import REPEATABLE
from stagegate.aws.errors import code_of
from stagegate.core.errors import StagegateError
from stagegate.core.untrusted import one_line
from stagegate_cli.problems import Problem, wrong

CONFIG = REPEATABLE.merge(Config(user_agent_extra="stagegate-cli"))
"""For reads, and for starts that have a name, so that the same one twice is one."""
_PREFIX = re.compile(r"[a-z][a-z0-9-]{2,19}")
_DENIED = re.compile("AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized")
_EXPIRED = re.compile("ExpiredToken|InvalidClientTokenId|UnrecognizedClient|RequestExpired|TokenRefreshRequired")
_MISSING = re.compile("NotFound|DoesNotExist|NonExistentQueue|NoSuch")


@dataclass(frozen=True, slots=True)
class Connection:
    """A session of the caller's, and where the stack is: `account` is the caller's, `caller` their ARN."""

    session: Any
    account: str
    caller: str
    partition: str
    region: str
    prefix: str
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a client of a service in the stack's Region."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service, region_name=self.region, config=CONFIG)
        return self._clients[service]

    @property
    def table(self) -> str:
        """The name of the ledger's table."""
        return f"{self.prefix}-ledger"

    def machine(self, name: str) -> str:
        """Return the ARN of a state machine of the stack: `govern`, `sweep` or `import-model`."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:{self.prefix}-{name}"

    def topic(self, name: str) -> str:
        """Return the ARN of a topic of the stack: `approvers` or `operations`."""
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{self.prefix}-{name}"

    @property
    def place(self) -> str:
        """Where the stack is looked for, in words."""
        return f"a stack with the prefix {self.prefix} in account {self.account}, {self.region}"


def connect(profile: str | None, region: str | None, prefix: str) -> Connection:
    """Return the connection that these options name, as the AWS CLI reads them. Raises Problem."""
    if not _PREFIX.fullmatch(prefix):
        raise wrong("--prefix", prefix, "3 to 20 lower-case letters, digits and hyphens, starting with a letter")
    try:
        session = boto3.Session(profile_name=profile)
    except ProfileNotFound:
        known = ", ".join(sorted(boto3.Session().available_profiles)) if "AWS_PROFILE" not in os.environ else ""
        found = profile or os.environ.get("AWS_PROFILE", "")
        raise wrong("--profile", found, known or "a profile of the AWS configuration") from None
    region = region or os.environ.get("AWS_REGION") or session.region_name
    if not region:
        raise wrong("--region", "", 'a Region as "eu-west-1", here, as AWS_REGION, or in the profile')
    partition = partition_of_region(region)
    with calling("ask AWS who is calling"):
        who = session.client("sts", region_name=region, config=CONFIG).get_caller_identity()
    return Connection(session, who["Account"], who["Arn"], partition, region, prefix)


def partition_of_region(region: str) -> str:
    """Return the partition that a Region is of. Raises Problem for what is no Region."""
    try:
        return str(boto3.Session().get_partition_for_region(region))
    except BotoCoreError:
        raise wrong("--region", region, 'a Region as "eu-west-1"') from None


@contextmanager
def calling(doing: str, missing: str = "") -> Iterator[None]:
    """Raise AWS's refusals of the block as problems that say what to do. `missing` says what it means if what is asked
    for isn't there.
    """
    try:
        yield
    except NoCredentialsError:
        text = f"{doing}: found no credentials; give --profile, or set AWS_PROFILE, as for the AWS CLI"
        raise Problem(text) from None
    except ClientError as error:
        raise Problem(f"{doing}: {_refusal(error, missing)}") from error
    except StagegateError as error:
        # The ledger's own readers say AWS's refusals in their words, which name no way out.
        refused = error.__cause__
        raise Problem(
            f"{doing}: {_refusal(refused, missing) if isinstance(refused, ClientError) else error}"
        ) from error
    except BotoCoreError as error:
        raise Problem(f"{doing}: {one_line(str(error))}") from error


def _refusal(error: ClientError, missing: str) -> str:
    code, said = code_of(error), one_line(error.response.get("Error", {}).get("Message", ""), 700)
    if _EXPIRED.search(code):
        return f"the credentials have expired or are unknown ({code}); sign in again"
    if _MISSING.search(code) and missing:
        return missing
    if _DENIED.search(code) or "not authorized to perform" in said:
        return (
            f"{error.operation_name} was refused ({code}): {said}\n"
            "`stagegate policy reader`, `operator` or `approver` prints an IAM policy that lets such a person call it."
        )
    return f"{error.operation_name} was refused ({code}): {said}"


def no_stack(connection: Connection) -> str:
    """Return what it means that something of the stack isn't there."""
    where = connection.place.removeprefix("a ")
    return f"found no {where}; give --profile of the governance account, and --region and --prefix of the stack"
