"""The stages as each audience has them."""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stagegate.rules.audiences import Audience
    from stagegate.rules.model import Rules, Stage


def stages_by_audience(rules: "Rules") -> "tuple[tuple[Stage, ...], ...]":
    """Return the stages as each audience has them: what one model may be let at is in one of these."""
    whole = rules.whole
    return _by_audience(whole.stages, whole.audiences) if whole.audiences else (whole.stages,)


@lru_cache(maxsize=8)
def _by_audience(stages: "tuple[Stage, ...]", audiences: "tuple[Audience, ...]") -> "tuple[tuple[Stage, ...], ...]":
    """Return the same for the same rules: a run asks for each account that it looks at."""
    return tuple(tuple(stage_of(stage, audience) for stage in stages) for audience in audiences)


def everywhere(rules: "Rules") -> "tuple[Stage, ...]":
    """Return the stages as any audience has them, each once."""
    return tuple(dict.fromkeys(stage for stages in stages_by_audience(rules) for stage in stages))


def accounts_everywhere(rules: "Rules") -> frozenset[str]:
    """Return the accounts of all stages, whichever audience has them."""
    return frozenset(account for stage in everywhere(rules) for account in stage.accounts)


def of_all_audiences(rules: "Rules", name: str) -> "Stage":
    """Return a stage with the accounts and roles that it has for any audience. Raises KeyError for an unknown one."""
    places = [stage for stage in everywhere(rules) if stage.name == name]
    return replace(
        rules.stage(name),
        accounts=tuple(dict.fromkeys(account for place in places for account in place.accounts)),
        roles=tuple(dict.fromkeys(role for place in places for role in place.roles)),
    )


def stage_of(stage: "Stage", audience: "Audience | None") -> "Stage":
    """Return a stage as an audience has it."""
    own = audience.stage(stage.name) if audience else None
    if own is None:
        return stage
    return replace(
        stage,
        accounts=(own.accounts or ()) if own.says_where else stage.accounts,
        units=own.units if own.says_where else stage.units,
        roles=own.roles or stage.roles,
    )
