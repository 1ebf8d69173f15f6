"""An execution role and an imported model as they stand, beside what is wanted of them."""

from stagegate.domain.policy_changes import Target
from stagegate.domain.target_documents import Sight, title

from .execution_role import ExecutionRole
from .model_import import ModelImport


def sight_of_role(target: Target, found: tuple[str, str] | None, wanted: ExecutionRole | None) -> Sight:
    """Compare a role's trust and permissions, None where there is no such role."""
    asked = (wanted.trust(), wanted.permissions()) if wanted else None
    return _sight(target, found, asked)


def sight_of_model(target: Target, found: str | None, wanted: ModelImport | None) -> Sight:
    """Compare the content that a package's model was made of, None where the package has no such model."""
    return _sight(target, found, wanted.content if wanted else None)


def _sight(target: Target, found: object, wanted: object) -> Sight:
    if found == wanted:
        return Sight(is_as_wanted=True)
    if found is None:
        line = "+ it isn't there"
    else:
        line = "- it is there" if wanted is None else "~ it is another than was approved"
    return Sight(is_as_wanted=False, lines=(f"{title(target)}: {line}",))
