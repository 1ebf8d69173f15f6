"""What a kind's own room says of a plan, beside what people are told about every subject."""

from dataclasses import dataclass

from stagegate.plans.plan import Plan
from stagegate.plans.question import Question

NOBODY = ("- nobody outside the governance account",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The lines of a message that only the kind of its subject can give.

    `access`: who has access once the plan is carried out. `about`: what the subject is; none for one that is gone.
    `headline` replaces the name in the subject line, `version` is told where it says something.
    `secret` is what stands for the line ENCRYPTED of `about`, for the mail alone. `to_decide`: which status opens
    what, who may set it, and how to say yes or no, of the `question`. `risk` is that of the
    model, "" where it has none. `takes_away`: its grants are no access but what keeps others from it, so that only its
    changes say what opens and what closes.
    """

    access: tuple[str, ...] = NOBODY
    about: tuple[str, ...] = ()
    headline: str = ""
    version: int | None = None
    to_decide: tuple[str, ...] = ()
    secret: str = ""
    question: Question | None = None
    risk: str = ""
    takes_away: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, what its message says of the subject, and the audience that the subject is for, "" for all."""

    plan: Plan
    wording: Wording
    audience: str = ""
