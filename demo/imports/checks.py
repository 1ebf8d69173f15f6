"""What a step of an import is looked at for, beside what every step is."""

from __future__ import annotations

from demo.imports.environment import ImportEnvironment
from demo.imports.host import Host
from demo.imports.rules import MODEL
from demo.story import Aftermath, Check, Finding
from sandbox.stagegate.members import HOSTING


def stands(environment: ImportEnvironment, host: Host, *, imported: bool) -> Check:
    """Check that everything is there that version 1 takes to be a model, or nothing at all of any version."""

    def check(_: Aftermath) -> Finding:
        models, roles, statements, grants = list(host.models()), host.roles(), environment.ours(), environment.grants()
        found = (models, len(roles), bool(statements), len(grants))
        made = [f"model {', '.join(models)}"] if models else []
        made += [f"{len(roles)} role{'s' if len(roles) > 1 else ''}"] if roles else []
        let = [f"{len(statements)} statements on the bucket"] if statements else []
        let += [f"{len(grants)} grant{'s' if len(grants) > 1 else ''} on the key"] if grants else []
        observed = f"in {HOSTING}: {', '.join(made) or 'no model, no role'}; for it: {', '.join(let) or 'nothing'}"
        wanted = ([MODEL], 1, True, 1) if imported else ([], 0, False, 0)
        return Finding("one model and all that it takes" if imported else "nothing", observed, ok=found == wanted)

    return check


def their_statements_stay(environment: ImportEnvironment, *, denied: bool) -> Check:
    """Check that another team's statements on the bucket are there as that team has put them."""

    def check(_: Aftermath) -> Finding:
        theirs, there = environment.theirs(denied=denied), environment.statements()
        lost = [each["Sid"] for each in theirs if each not in there]
        named = f"another team's statements stay ({', '.join(each['Sid'] for each in theirs)})"
        return Finding(named, f"lost: {', '.join(lost)}" if lost else named, ok=not lost)

    return check
