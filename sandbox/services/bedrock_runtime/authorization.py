"""What invoking a model needs. Converse is authorized as InvokeModel.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import Access, Call, Row
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.registry import Api, Registry, Resources
from sandbox.services.bedrock.authorization import invoked


def _invoke(action: str) -> Row:
    def row(call: Call) -> list[Access]:
        for unsupported in ("guardrailIdentifier", "guardrailConfig"):
            if call.get(unsupported):
                raise NotMapped(f"bedrock {call.operation} with {unsupported} is not supported")
        return invoked(action, call, str(call.get("modelId")))

    return row


ROWS: dict[str, Row] = {
    "Converse": _invoke("bedrock:InvokeModel"),
    "ConverseStream": _invoke("bedrock:InvokeModelWithResponseStream"),
    "InvokeModel": _invoke("bedrock:InvokeModel"),
    "InvokeModelWithResponseStream": _invoke("bedrock:InvokeModelWithResponseStream"),
}


def register(registry: Registry) -> None:
    """Add this service's entry; what its actions have in common stands in Bedrock's own. The other endpoint isn't
    embedded: policies may name its keys.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_bedrock-mantle.html
    """
    registry.add(Api(service="bedrock-runtime", rows=ROWS))
    registry.add(Resources(prefix="bedrock-mantle", condition_keys=frozenset({"bedrock-mantle:Model"})))
