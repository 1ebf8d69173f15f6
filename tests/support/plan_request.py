"""What the state machine asks of a plan."""

from typing import Any

from stagegate.plans.mode import Mode


def plan_request(subject: str, mode: Mode = Mode.EVENT, **more: Any) -> dict[str, Any]:
    """As govern asks for a subject in the first round of a run: a person's run tries again what has failed."""
    return {
        "subject": subject,
        "execution": "me",
        "mode": mode.value,
        "force": False,
        "retry_failed": mode is Mode.MANUAL,
        "results": [],
        "sweep": "",
        "withdrawn": None,
        **more,
    }
