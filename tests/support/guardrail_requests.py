"""Requests of a Canvas user's role, what each guardrail answers to them, and what the published policies would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stagegate.rules.guardrails import Access, Guardrail, GuardrailKind, ModelRule
from stagegate.subjects.guardrails.denials.documents import document_of

ACCOUNT = "222233334444"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Canvas-analyst"
SYNC = "arn:aws:iam::111122223333:role/stagegate-plan"

HUB = "arn:aws:sagemaker:us-east-1:aws:hub/SageMakerPublicHub"
TAG = "aws:RequestTag/sagemaker-sdk:jumpstart-model-id"
_BEDROCK = f"arn:aws:bedrock:us-east-1:{ACCOUNT}"


@dataclass(frozen=True)
class Ask:
    """One request of the role. Whose the resource is doesn't matter: what is denied is denied."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def model(id_: str, region: str = "us-east-1") -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{id_}"


def invoke(resource: str, action: str = "InvokeModel") -> Ask:
    return Ask(f"bedrock:{action}", resource)


def deploy(model_id: str | None, action: str = "CreateEndpointConfig", kind: str = "endpoint-config") -> Ask:
    tags = {} if model_id is None else {TAG: (model_id,), "aws:TagKeys": ("sagemaker-sdk:jumpstart-model-id",)}
    return Ask(f"sagemaker:{action}", f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:{kind}/c", tags)


CLAUDE, TITAN, LLAMA = "anthropic.claude-v2", "amazon.titan-text-express-v1", "meta.llama3-8b-instruct-v1:0"
FLAN, MPT, FALCON = "huggingface-text2text-flan-t5-xl", "huggingface-textgeneration1-mpt-7b-bf16", "tii-falcon-7b"


def mantle(model: str | None, action: str = "CreateInference") -> Ask:
    """A request of Bedrock's other endpoint, which names its model by a condition key."""
    context = {"bedrock-mantle:Model": (model,)} if model else {}
    return Ask(f"bedrock-mantle:{action}", f"arn:aws:bedrock-mantle:us-east-1:{ACCOUNT}:project/default", context)


ASKS: Mapping[str, Ask] = {
    "list the public hub": Ask("sagemaker:ListHubContents", HUB),
    "read the public hub": Ask(
        "sagemaker:DescribeHubContent",
        "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/open/2.0.0",
    ),
    "read a public hub elsewhere": Ask("sagemaker:DescribeHub", HUB.replace("us-east-1", "eu-west-1")),
    "list a private hub": Ask("sagemaker:ListHubContents", f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:hub/ours"),
    "list the cache bucket": Ask(
        "s3:ListBucket", "arn:aws:s3:::jumpstart-cache-prod-us-east-1", {"s3:prefix": ("pytorch/",)}
    ),
    "list for notebooks": Ask(
        "s3:ListBucket", "arn:aws:s3:::jumpstart-cache-prod-us-east-1", {"s3:prefix": ("a.ipynb",)}
    ),
    "read a model's weights": Ask("s3:GetObject", "arn:aws:s3:::jumpstart-cache-prod-us-east-1/pytorch/weights.tar.gz"),
    "read a notebook": Ask("s3:GetObject", "arn:aws:s3:::jumpstart-cache-prod-us-east-1/n/a.ipynb"),
    "read gated weights": Ask(
        "s3:GetObject", "arn:aws:s3:::jumpstart-private-cache-prod-eu-west-1/meta/weights.tar.gz"
    ),
    "read a bucket of ours": Ask("s3:GetObject", "arn:aws:s3:::canvas-data/churn.csv"),
    "Claude": invoke(model(CLAUDE)),
    "Claude as a stream": invoke(model(CLAUDE), "InvokeModelWithResponseStream"),
    "Claude elsewhere": invoke(model(CLAUDE, "us-west-2")),
    "Claude anywhere": invoke(model(CLAUDE, "")),
    "Claude in batch": invoke(model(CLAUDE), "CreateModelInvocationJob"),
    "Claude tuned": invoke(model(CLAUDE), "CreateModelCustomizationJob"),
    "Claude reserved": invoke(model(CLAUDE), "CreateProvisionedModelThroughput"),
    "Titan": invoke(model(TITAN)),
    "Titan in batch": invoke(model(TITAN), "CreateModelInvocationJob"),
    "Titan tuned": invoke(model(TITAN), "CreateModelCustomizationJob"),
    "Llama": invoke(model(LLAMA)),
    "a profile": invoke(f"{_BEDROCK}:inference-profile/us.{CLAUDE}"),
    "a profile of one's own": invoke(f"{_BEDROCK}:application-inference-profile/abcdefghijkl"),
    "a job": invoke(f"{_BEDROCK}:model-invocation-job/abcdefghijkl", "CreateModelInvocationJob"),
    "a tuning job": invoke(f"{_BEDROCK}:model-customization-job/x", "CreateModelCustomizationJob"),
    "a custom model": invoke(f"{_BEDROCK}:custom-model-deployment/abcdefghijkl"),
    "an imported model": invoke(f"{_BEDROCK}:imported-model/abcdefghijkl"),
    "a provisioned model": invoke(f"{_BEDROCK}:provisioned-model/abcdefghijkl"),
    "an agent": invoke(f"{_BEDROCK}:agent-alias/ABCDEFGHIJ/ABCDEFGHIJ", "InvokeAgent"),
    "a flow": invoke(f"{_BEDROCK}:flow/ABCDEFGHIJ/alias/ABCDEFGHIJ", "InvokeFlow"),
    "a flow in the background": invoke(f"{_BEDROCK}:flow/ABCDEFGHIJ/alias/ABCDEFGHIJ", "StartFlowExecution"),
    "Claude evaluated": invoke(model(CLAUDE), "CreateEvaluationJob"),
    "Titan evaluated": invoke(model(TITAN), "CreateEvaluationJob"),
    "a tool": invoke(f"arn:aws:bedrock::{ACCOUNT}:system-tool/amazon.nova_grounding", "InvokeTool"),
    "a prompt optimized": Ask("bedrock:OptimizePrompt", "*"),
    "documents retrieved": Ask("bedrock:RetrieveAndGenerate", "*"),
    "a check by a content guardrail": invoke(f"{_BEDROCK}:guardrail/abcdefghijkl", "ApplyGuardrail"),
    "the other endpoint": mantle(None),
    "Claude by the other endpoint": mantle("anthropic.claude-haiku-4-5"),
    "Claude tuned by the other endpoint": mantle("anthropic.claude-haiku-4-5", "CreateFineTuningJob"),
    "Titan by the other endpoint": mantle("amazon.titan-text-express"),
    "a file for the other endpoint": mantle(None, "CreateFile"),
    "list models": Ask("bedrock:ListFoundationModels", "*"),
    "deploy Flan": deploy(FLAN),
    "deploy MPT": deploy(MPT),
    "deploy Falcon": deploy(FALCON),
    "deploy Falcon as an endpoint": deploy(FALCON, "CreateEndpoint", "endpoint"),
    "deploy Falcon as a model": deploy(FALCON, "CreateModel", "model"),
    "deploy one's own": deploy(None),
    "deploy one's own as an endpoint": deploy(None, "CreateEndpoint", "endpoint"),
}


def guardrail(**takes: Any) -> Guardrail:
    """A guardrail by boundary on the role; what isn't said is left."""
    return Guardrail(name="canvas", by=GuardrailKind.BOUNDARY, roles=(ROLE,), **takes)


@dataclass(frozen=True)
class Table:
    """A guardrail, and which of the asks it refuses and lets through, among those that are about it."""

    rule: Guardrail
    refused: tuple[str, ...]
    allowed: tuple[str, ...]

    @property
    def document(self) -> str:
        return document_of(self.rule, "aws")


_HUBS = ("list the public hub", "read the public hub", "read a public hub elsewhere")
_WEIGHTS = ("list the cache bucket", "list for notebooks", "read a model's weights", "read a notebook")
_CLAUDES = ("Claude", "Claude as a stream", "Claude elsewhere", "Claude anywhere", "Claude in batch", "Claude tuned")
_ROUND = ("a flow in the background", "a tool", "a prompt optimized", "documents retrieved")
_MANTLE = ("the other endpoint", "Claude by the other endpoint", "Claude tuned by the other endpoint")
_MADE = ("a custom model", "an imported model", "a provisioned model")
_OWN = ("deploy one's own", "deploy one's own as an endpoint")
_FALCONS = ("deploy Falcon", "deploy Falcon as an endpoint", "deploy Falcon as a model")

TABLES: Mapping[str, Table] = {
    "no public hub": Table(
        guardrail(public_hub=Access.DENY),
        refused=(*_HUBS, *_WEIGHTS, "read gated weights"),
        allowed=("list a private hub", "read a bucket of ours", "Claude", "deploy Falcon", *_OWN),
    ),
    "no Bedrock": Table(
        guardrail(bedrock=ModelRule(deny=("*",))),
        refused=(
            *_CLAUDES,
            "Claude reserved",
            "Titan",
            "a profile",
            *_MADE,
            "an agent",
            "a flow",
            *_ROUND,
            "Claude evaluated",
            *_MANTLE,
            "Titan by the other endpoint",
            "a file for the other endpoint",
        ),
        allowed=(
            "list models",
            "list the public hub",
            "deploy Falcon",
            "read a bucket of ours",
            "a check by a content guardrail",
        ),
    ),
    "no Claude": Table(
        guardrail(bedrock=ModelRule(deny=("anthropic.claude-*",))),
        refused=(*_CLAUDES, "Claude reserved", "Claude evaluated", *_MANTLE),
        allowed=(
            "Titan",
            "Titan in batch",
            "Titan tuned",
            "Llama",
            "a profile",
            *_MADE,
            "an agent",
            "a flow",
            *_ROUND,
            "Titan evaluated",
            "Titan by the other endpoint",
            "a file for the other endpoint",
            "list models",
        ),
    ),
    "Titan alone": Table(
        guardrail(bedrock=ModelRule(allow=("amazon.titan-*",))),
        refused=(*_CLAUDES, "Llama", *_MADE, "Claude evaluated", *_MANTLE),
        allowed=(
            "Titan",
            "Titan in batch",
            "Titan tuned",
            "a profile",
            "a profile of one's own",
            "a job",
            "a tuning job",
            "Titan evaluated",
            "Titan by the other endpoint",
            "a file for the other endpoint",
            "list models",
        ),
    ),
    "Titan and what was imported": Table(
        guardrail(bedrock=ModelRule(allow=("amazon.titan-*", "imported-model/*"))),
        refused=("Claude", "a custom model", "a provisioned model"),
        allowed=("Titan", "an imported model"),
    ),
    "no JumpStart": Table(
        guardrail(jumpstart=ModelRule(deny=("*",))),
        refused=("deploy Flan", "deploy MPT", *_FALCONS),
        allowed=(*_OWN, "list the public hub", "Claude"),
    ),
    "no Flan and no MPT": Table(
        guardrail(
            jumpstart=ModelRule(
                deny=("huggingface-text2text-flan-t5-*", "huggingface-textgeneration1-mpt-7b-*"),
            )
        ),
        refused=("deploy Flan", "deploy MPT"),
        allowed=(*_FALCONS, *_OWN),
    ),
    "Flan alone": Table(
        guardrail(jumpstart=ModelRule(allow=("huggingface-text2text-flan-t5-*",))),
        refused=("deploy MPT", *_FALCONS),
        allowed=("deploy Flan", *_OWN),
    ),
}
