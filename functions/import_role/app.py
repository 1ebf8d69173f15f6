"""Make or delete an import's execution role. May write roles below our path, under our boundary, and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.surfaces.imports.apply_role import RoleWriter, import_role

writer = cache(RoleWriter.from_environment)


@observed("ImportRolesApplied", writer)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of an execution role (see `import_role`)."""
    return import_role(writer(), handed(event))
