"""Import one package's weights into Amazon Bedrock, a step at a time. May start import jobs, and delete our models."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.runs.import_model.importer import Importer
from stagegate.runs.import_model.steps import import_model

importer = cache(Importer.from_environment)


@observed("ImportSteps", importer)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take one step of an import, which outlives releases and says itself what it is, or a change of a plan's."""
    return import_model(importer(), event if "step" in event else handed(event))
