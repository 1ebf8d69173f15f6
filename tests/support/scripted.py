"""A real AWS client whose answers are written down in the test. botocore's model checks requests and answers."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

Answer = Mapping[str, Any] | Exception | Callable[[Mapping[str, Any]], Mapping[str, Any]]


@cache
def _session() -> boto3.Session:
    """One for all clients: it loads each service's model once."""
    return boto3.Session(aws_access_key_id="example", aws_secret_access_key="example", region_name="us-east-1")


def refusal(code: str, message: str = "", **more: Any) -> ClientError:
    """AWS's refusal of a call; `more` are further members of the answer."""
    response: Any = {"Error": {"Code": code, "Message": message}, **more}
    return ClientError(response, "Scripted")


class Scripted:
    """A client of one service. Each operation answers with its list in turn, and then with the last of it for good.

    `calls` are the requests in order, as (operation, parameters). An operation without an answer fails the test.
    """

    def __init__(self, service: str, **answers: Answer | list[Answer]) -> None:
        # A boto3 client has a type of its own for each service; which one it is depends on `service`.
        self.client: Any = _session().client(service)  # type: ignore[call-overload]
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._answers = {name: answer if isinstance(answer, list) else [answer] for name, answer in answers.items()}
        events = self.client.meta.events
        events.register(f"provide-client-params.{service}.*", self._note)
        events.register(f"before-call.{service}.*", self._answer)

    def of(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of every call of one operation."""
        return [parameters for name, parameters in self.calls if name == operation]

    @property
    def operations(self) -> list[str]:
        """The operations that were called, in order."""
        return [name for name, _ in self.calls]

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append((model.name, params))

    def _answer(self, model: Any, **_: Any) -> tuple[AWSResponse, Mapping[str, Any]]:
        script = self._answers.get(model.name)
        assert script, f"no answer is written down for {model.name}"
        answer = script.pop(0) if len(script) > 1 else script[0]
        if callable(answer):
            answer = answer(self.calls[-1][1])
        if isinstance(answer, ClientError):
            return AWSResponse("", 400, HTTPHeaders(), None), answer.response
        if isinstance(answer, Exception):
            raise answer
        if model.output_shape is not None:
            report = ParamValidator().validate(dict(answer), model.output_shape)
            assert not report.has_errors(), f"{model.name} never answers that: {report.generate_report()}"
        return AWSResponse("", 200, HTTPHeaders(), None), dict(answer)
