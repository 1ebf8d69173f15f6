"""A guardrail that is put on the roles of a Studio domain."""

from __future__ import annotations

from botocore.exceptions import ClientError

from sandbox.kernel.identity import session
from sandbox.kernel.wire.transport import client
from sandbox.stagegate import studio
from soak.histories.world import DEV, World
from soak.trials.stories.story import GOVERNED, Story

_CLAUDE, _TITAN = "anthropic.claude-3-haiku-20240307-v1:0", "amazon.titan-text-express-v1"


class Guardrail(Story):
    """A person starts the first run of a guardrail whose domain is there."""

    name = "guardrail"
    rules = GOVERNED

    def __init__(self, world: World, subject: str = "tried") -> None:
        super().__init__(world, subject)
        self.roles: list[str] = []
        self.domain = ""

    @property
    def subject(self) -> str:
        """The guardrail."""
        return "guardrail/canvas"

    def prepare(self) -> None:
        """The domain, and the roles that its users work with."""
        built = studio.build(DEV, f"Canvas-{self.called}", ["analyst"])
        self.domain, self.roles = built.domain_id, list(built.roles.values())
        self.rest_a_while()
        if not all(_may_invoke(role, model) for role in self.roles for model in (_CLAUDE, _TITAN)):
            raise AssertionError("the domain's roles can't invoke models before there is a guardrail")

    def act(self) -> None:
        """A person starts a run."""
        self.world.start("GovernStateMachine", {"subject": self.subject})

    def wrong(self) -> str | None:
        """What its users may do that they may not, or may not do that they may."""
        for role in self.roles:
            if _may_invoke(role, _CLAUDE):
                return f"{role} may invoke {_CLAUDE}"
            if not _may_invoke(role, _TITAN):
                return f"{role} may not invoke {_TITAN}"
        found = self.world.admin("sagemaker", DEV).describe_domain(DomainId=self.domain)
        status = found["DefaultUserSettings"]["CanvasAppSettings"]["DirectDeploySettings"]["Status"]
        if status != "DISABLED":
            return f"{self.domain} deploys directly: {status}"
        return self.what_is_wrong_of_all()


def _may_invoke(role: str, model: str) -> bool:
    try:
        client("bedrock-runtime", DEV, session(role, "canvas")).invoke_model(modelId=model, body=b"{}")
    except ClientError as error:
        if error.response["Error"]["Code"].startswith("AccessDenied"):
            return False
        raise
    return True


STORIES = (Guardrail,)
