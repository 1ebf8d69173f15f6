"""Which subject a person means. Pure."""

import difflib
import re
from collections.abc import Collection

from stagegate.core.arns import sagemaker_resource
from stagegate.core.errors import UnknownSubjectError
from stagegate.subjects.registry import SUBJECTS, subject_named
from stagegate_cli.problems import wrong

SHORT = {"card": "model-card", "package": "model-package", "group": "model-package-group"}
"""What people may say for the kinds whose names are long."""
_MOST_NAMED = 8


def spelled_out(named: str, *, partition: str, region: str, account: str) -> str | None:
    """Return the ARN, or the name of what has none, that `named` says by itself; None where the ledger has to be asked.

    Raises Problem for what can't be a subject.
    """
    kind, slash, name = named.partition("/")
    kind = SHORT.get(kind, kind)
    if not named.startswith("arn:") and not (slash and kind in SUBJECTS):
        return None
    if kind in SUBJECTS and SUBJECTS[kind].has_arn:
        named = f"arn:{partition}:sagemaker:{region}:{account}:{kind}/{name}"
    try:
        return subject_named(named, partition=partition, region=region, account=account).arn
    except UnknownSubjectError:
        raise wrong("SUBJECT", named, allowed()) from None


def chosen(named: str, recorded: Collection[str], what: str = "SUBJECT") -> str:
    """Return the one of the recorded subjects that a name means. Raises Problem where none or several
    have it; `what` is the argument that said it.
    """
    fits = sorted(arn for arn in recorded if name_of(arn) == named)
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise wrong(what, named, f"one of {', '.join(map(shortened, fits))}")
    close = [arn for arn in recorded if name_of(arn) in _alike(named, recorded)]
    if close:
        raise wrong(what, named, f"the name of a recorded subject, as {', '.join(map(shortened, sorted(close)))}")
    if not recorded:
        raise wrong(what, named, f"{allowed()}; nothing is recorded yet, so that no name alone is known")
    raise wrong(what, named, allowed())


def _alike(named: str, recorded: Collection[str]) -> list[str]:
    names = sorted({name_of(arn) for arn in recorded})
    lower = {name.lower(): name for name in names}
    found = difflib.get_close_matches(named.lower(), lower, n=_MOST_NAMED, cutoff=0.6)
    return [lower[name] for name in found] + [name for name in names if name.startswith(f"{named}/")][:_MOST_NAMED]


def name_of(subject: str) -> str:
    """Return a subject's name without its kind: `my-card`, `churn/7`."""
    found = sagemaker_resource(subject)
    return found.name if found else subject.partition("/")[2]


def shortened(subject: str) -> str:
    """Return a subject with its kind and without its account: `model-card/my-card`."""
    return re.sub(r"^arn:[^:]*:sagemaker:[^:]*:[^:]*:", "", subject)


def titled(subject: str) -> str:
    """Return a subject as a sentence begins with it: `Model card my-card`."""
    kind, _, name = shortened(subject).partition("/")
    return f"{kind.replace('-', ' ').capitalize()} {name}"


def allowed() -> str:
    """Return what a subject may be called."""
    forms = ", ".join(kind.form for kind in SUBJECTS.values())
    return f"an ARN, {forms}, or a recorded name"
