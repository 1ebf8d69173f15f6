"""What the approvers are told of an import."""

from collections.abc import Collection
from enum import StrEnum

from stagegate.core.findings import Finding
from stagegate.core.messages.kinds import MessageKind
from stagegate.core.messages.mail import Labels, Message, mail
from stagegate.runs.import_model.failures import NOT_INVOKED
from stagegate.targets.model_import import ModelImport


class Ending(StrEnum):
    """How an import ends."""

    IMPORTED = "imported"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


_HEADLINES = {
    Ending.IMPORTED: "{name} is in Amazon Bedrock",
    Ending.FAILED: "import: {name}",
    Ending.WITHDRAWN: "{name} isn't wanted any more",
}
_KINDS = {
    Ending.IMPORTED: MessageKind.OPENED,
    Ending.FAILED: MessageKind.FAILED,
    Ending.WITHDRAWN: MessageKind.CLOSED,
}


def import_message(
    requested: ModelImport, package_arn: str, ending: Ending, findings: Collection[Finding], model_arn: str | None
) -> Message:
    """Return what is said about the end of an import."""
    where = f"{requested.stage} ({requested.account}, {requested.region})"
    what = {
        Ending.IMPORTED: f"{package_arn} is imported for {where} as {requested.name}: {model_arn}",
        Ending.FAILED: f"{package_arn} could not be imported for {where}. What was opened for it is closed again.",
        Ending.WITHDRAWN: f"{package_arn} lost its approval for {where} while it was imported. No model is left of it.",
    }[ending]
    parts = [[what]]
    if ending is Ending.IMPORTED and requested.consumer and not NOT_INVOKED & {f.code for f in findings}:
        parts.append([f"{requested.consumer} has invoked it."])
    if findings:
        parts.append(["Found:", *(f"- [{f.severity}] {f.code}: {f.detail}" for f in findings)])
    if ending is Ending.FAILED:
        parts.append(["No event starts it again, and no sweep. When the cause is gone, start the package by hand."])
    labels = Labels(kind=(_KINDS[ending],), subject_type="model-package", stages=(requested.stage,))
    details = {
        "import": requested.name,
        "ending": ending.value,
        "account": requested.account,
        "region": requested.region,
        "model": model_arn,
        "findings": [finding.as_json() for finding in findings],
    }
    return mail(_HEADLINES[ending].format(name=requested.name), parts, labels, details)
