"""An execution role and an imported model as they stand, beside what is wanted of them."""

from stagegate.targets.compare import TargetDiff
from stagegate.targets.execution_role import ExecutionRole
from stagegate.targets.model_import import ModelImport
from stagegate.targets.target import Target, title


def diff_of_role(target: Target, found: tuple[str, str] | None, wanted: ExecutionRole | None) -> TargetDiff:
    """Compare a role's trust and permissions, None where there is no such role."""
    requested = (wanted.trust(), wanted.permissions()) if wanted else None
    return _target_diff(target, found, requested)


def diff_of_model(target: Target, found: str | None, wanted: ModelImport | None, *, is_recorded: bool) -> TargetDiff:
    """Compare the content that a package's model was made of, None where the package has no such model.

    One that is there and not on record is left of a run that has died: it is asked for again, so that a run sees its
    end, for those who are to be told, and for the versions that it replaces.
    """
    if wanted and found == wanted.content and not is_recorded:
        return _differs(target, "~ it is there, and no run has put it on record")
    return _target_diff(target, found, wanted.content if wanted else None)


def _target_diff(target: Target, found: object, wanted: object) -> TargetDiff:
    if found == wanted:
        return TargetDiff(in_sync=True)
    if found is None:
        line = "+ it isn't there"
    else:
        line = "- it is there" if wanted is None else "~ it is another than was approved"
    return _differs(target, line)


def _differs(target: Target, line: str) -> TargetDiff:
    return TargetDiff(in_sync=False, lines=(f"{title(target)}: {line}",))
