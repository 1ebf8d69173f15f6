"""EventBridge's buses, as values: what was put on each, and which of them refuse."""

from collections.abc import Mapping
from typing import Any

from tests.support.scripted import Scripted, refusal


class Buses:
    """The buses of all accounts. `refusing` has the code with which the buses of an account refuse what is put there.

    AWS documents that an entry fails. With `whole_calls`, its call fails, and nothing of it is put.
    """

    def __init__(self, refusing: Mapping[str, str] | None = None, *, whole_calls: bool = False) -> None:
        self.refusing = dict(refusing or {})
        self.whole_calls = whole_calls
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.sizes: list[int] = []
        self._scripted = Scripted("events", PutEvents=self._put)

    def client(self) -> Any:
        """Return a client of EventBridge."""
        return self._scripted.client

    def on(self, bus: str) -> list[dict[str, Any]]:
        """Return what a bus has taken, by its name or ARN: the entries, in order."""
        return [entry for name, entry in self.taken if name.endswith(bus)]

    def _put(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        entries = request["Entries"]
        self.sizes.append(len(entries))
        codes = [self.refusing.get(entry["EventBusName"].split(":")[4], "") for entry in entries]
        if self.whole_calls and (code := next(filter(None, codes), "")):
            raise refusal(code)
        self.taken += [(e["EventBusName"], e) for e, code in zip(entries, codes, strict=True) if not code]
        answers = [
            {"ErrorCode": code, "ErrorMessage": "Not this one."} if code else {"EventId": str(len(self.taken))}
            for code in codes
        ]
        return {"FailedEntryCount": sum(map(bool, codes)), "Entries": answers}
