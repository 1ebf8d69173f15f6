"""Logs and metrics, the same for every function. Active tracing of the functions needs no code (docs/decisions)."""

import gc
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

logger = Logger(service="stagegate")
metrics = Metrics(namespace="Stagegate", service="stagegate")


def observed(metric: str, *needed: Callable[[], object]) -> Callable[[Handler], Handler]:
    """Return a decorator for handlers: the subject and the execution on every line, a count of what was done, and
    one line with the answer, but for its message to people, which quotes what others have written. An error is logged
    with its trace and raised as it is: its name routes the execution.

    `needed` makes and keeps what every event needs, clients first of all. It is called at once, so that it is there
    before the first event.
    """
    _make(needed)

    def decorate(handler: Handler) -> Handler:
        @logger.inject_lambda_context(clear_state=True)
        @metrics.log_metrics
        @wraps(handler)
        def observe(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
            said = event.get("request", event)
            logger.append_keys(subject=said.get("subject"), execution=said.get("execution"))
            metrics.add_metric(name=metric, unit=MetricUnit.Count, value=1)
            try:
                answer = handler(event, context)
            except Exception:
                logger.exception("failed")
                raise
            logger.info("done", extra={"answer": {name: value for name, value in answer.items() if name != "message"}})
            return answer

        return observe

    return decorate


def _make(needed: Iterable[Callable[[], object]]) -> None:
    """Make it without collecting garbage: all of this stays, and the models of services are a great many objects.

    What can't be made is asked for again by the first event, which says why.
    """
    gc.disable()
    try:
        for make in needed:
            with suppress(Exception):
                make()
    finally:
        gc.freeze()
        gc.enable()
