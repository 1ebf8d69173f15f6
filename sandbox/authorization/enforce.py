"""The one place in moto's request path where every call is identified, authorized and logged.

Both the in-process transport and the HTTP server look up a service's handlers in `BaseBackend.urls` and
`BaseBackend.flask_paths`; `install()` makes those return handlers with a guard before them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any  # moto's handlers are untyped

from moto.core.base_backend import BaseBackend
from moto.core.request import Request

from sandbox.authorization import wire
from sandbox.authorization.accesses import Access, Call
from sandbox.authorization.authorize import Denied, require
from sandbox.authorization.evaluator.errors import AuthorizationError
from sandbox.authorization.registry import Refused, registry
from sandbox.authorization.wire import Answer
from sandbox.kernel import calls, traces
from sandbox.kernel.callers import Unauthenticated, caller_of, route
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import Principal, caller
from sandbox.kernel.wire.failures import Failure, failures

_LOG = logging.getLogger(__name__)
Handler = Callable[[Request, str, Any], Answer]

_MESSAGES = {
    "missing": "Missing Authentication Token",
    "unknown": "The security token included in the request is invalid.",
    "expired": "The security token included in the request is expired",
}


def install() -> None:
    """Guard every service from now on, in this process. Calling it again changes nothing."""
    for name in ("urls", "flask_paths"):
        found = vars(BaseBackend)[name]
        if not isinstance(found, _GuardedPaths):
            setattr(BaseBackend, name, _GuardedPaths(found))


def uninstall() -> None:
    """Guard nothing any more: moto is moto again for whoever uses it in this process afterwards."""
    for name in ("urls", "flask_paths"):
        found = vars(BaseBackend)[name]
        if isinstance(found, _GuardedPaths):
            setattr(BaseBackend, name, found.original)


class _GuardedPaths(property):
    """A property of a backend whose value maps paths to handlers, with the handlers guarded."""

    def __init__(self, original: property) -> None:
        self.original = original
        super().__init__(lambda backend: {path: _guarded(handler) for path, handler in original.fget(backend).items()})  # type: ignore[misc]


@lru_cache(maxsize=4096)
def _guarded(handler: Handler) -> Handler:
    return _Guard(handler)


class _Guard:
    """A handler that asks first. Looks like the method it guards, which is how moto's server names its routes."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.__name__ = getattr(handler, "__name__", type(handler).__name__)
        self.__self__ = getattr(handler, "__self__", None)

    def __call__(self, request: Request, full_url: str, headers: Any) -> Answer:
        response_class: Any = self.__self__
        response = response_class() if isinstance(response_class, type) else response_class
        service: str = getattr(response, "boto3_service_name", "")
        if not service:
            # moto's own pages: its administration and an instance's metadata. Nobody may, not even over loopback.
            return 403, {}, "not part of the sandbox"
        region: str = response.get_region_from_url(request, request.raw_url)
        with clock.activities.answering():
            return _Answering(service, region, request, full_url, self._handler).answer()


class _Answering:
    """One request on its way through."""

    def __init__(self, service: str, region: str, request: Request, full_url: str, handler: Handler) -> None:
        self.service, self.region, self.request = service, region, request
        self._full_url, self._handler = full_url, handler
        self._api = registry.api(service)

    def answer(self) -> Answer:
        try:
            principal = caller_of(self.request, clock.now())
        except Unauthenticated as unauthenticated:
            return self._unauthenticated(unauthenticated.problem)
        account = route(self.request, principal)
        return self.answered(principal, account)

    def answered(self, principal: Principal | None, account: str) -> Answer:
        """The answer to somebody who is known."""
        if principal is None:
            return self._as_administrator()
        call = Call(self.service, "Unknown", {}, account, self.region)
        needed: list[Access] = []
        try:
            call = self._decoded(account)
            self._api.check(call)
            needed = registry.accesses(call)
            require(principal, needed, self.region)
        except Denied as denied:
            answer = self._error(self._api.errors.denied, str(denied), forbidden=True)
        except Refused as refused:
            answer = self._error(refused.code, str(refused))
        except AuthorizationError as unsupported:
            # The sandbox's own limit, not AWS's answer: say so where it can't be missed.
            _LOG.error("%s %s by %s: %s", self.service, call.operation, principal.arn, unsupported)
            answer = self._error(type(unsupported).__name__, str(unsupported))
        else:
            return self._answered(principal, call, needed)
        self._log(principal, call, needed, answer)
        return answer

    def _decoded(self, account: str) -> Call:
        return wire.decode(self.service, self.request, account, self.region)

    def _answered(self, principal: Principal, call: Call, needed: list[Access]) -> Answer:
        """Let the backend answer in the caller's name, and log how it ended; or fail as somebody has planned."""
        failure = failures.take(call.service, call.operation, call.account)
        if failure is not None and failure.moment == "before":
            return self._failed(failure, principal, call, needed)
        answer = self._own_answer(principal, call) or self._backends_answer(principal, call, needed)
        if failure is not None:
            return self._failed(failure, principal, call, needed)
        self._log(principal, call, needed, answer)
        return answer

    def _own_answer(self, principal: Principal, call: Call) -> Answer | None:
        """The answer that authorization itself can give."""
        own = self._api.answer(principal, call)
        return None if own is None else wire.result(self.service, self.request, call.operation, own)

    def _backends_answer(self, principal: Principal, call: Call, needed: list[Access]) -> Answer:
        token = caller.set(principal)
        try:
            answer = self._handle()
        except BaseException as error:
            # moto raises some of its errors; they are turned into answers further out.
            code = str(getattr(error, "error_type", None) or type(error).__name__)
            self._log(principal, call, needed, (500, {}, ""), code)
            raise
        finally:
            caller.reset(token)
        self._tell(call, answer)
        return answer

    def _failed(self, failure: Failure, principal: Principal, call: Call, needed: list[Access]) -> Answer:
        """What was planned in place of the call's own answer."""
        self._log(principal, call, needed, (failure.status, {}, ""), failure.code)
        if failure.is_silent:
            return wire.hang_up(self.request)
        return wire.failed(self.service, self.request, failure.code, "Planned by whoever runs it.", failure.status)

    def _as_administrator(self) -> Answer:
        token = caller.set(None)
        try:
            answer = self._handle()
        finally:
            caller.reset(token)
        if self._api.answered is not None:
            self._tell(self._decoded(""), answer)
        return answer

    def _handle(self) -> Answer:
        return self._handler(self.request, self._full_url, self.request.headers)

    def _tell(self, call: Call, answer: Answer) -> None:
        """Let the service know of a successful answer, where it wants to."""
        if self._api.answered is not None and answer[0] == 200:
            self._api.answered(call, self._parsed(call, answer), clock.now())

    def _parsed(self, call: Call, answer: Answer) -> dict[str, Any]:
        return wire.parsed(call.service, call.operation, self.request, answer)

    def _trace(self) -> str:
        return str(self.request.headers.get(traces.HEADER, ""))

    def _unauthenticated(self, problem: str) -> Answer:
        return self._error(getattr(self._api.errors, problem), _MESSAGES[problem], forbidden=True)

    def _error(self, code: str, message: str, *, forbidden: bool = False) -> Answer:
        return wire.error(self.service, self.request, code, message, forbidden=forbidden)

    def _log(
        self, principal: Principal, call: Call, needed: list[Access], answer: Answer, code: str | None = None
    ) -> None:
        status, headers, _ = answer
        if code is None and int(status) >= 400:
            code = self._parsed(call, answer).get("Error", {}).get("Code", str(status))
        identifiers = {str(name).lower(): str(value) for name, value in headers.items()}
        calls.log.append(
            calls.ApiCall(
                at=clock.now(),
                account=call.account,
                principal_arn=principal.arn,
                service=call.service,
                operation=call.operation,
                resources=tuple(dict.fromkeys(access.resource for access in needed)),
                error_code=code,
                request_id=identifiers.get("x-amzn-requestid", ""),
                trace=self._trace(),
            )
        )
