"""What a check before access opens has found."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`block`: what it is about stays closed. `warn`: somebody should know."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing out of the ordinary: a code to filter on, and a sentence that says what is wrong and what to do."""

    code: str
    severity: Severity
    detail: str
    stage: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """Return it as programs get it with a message."""
        return {"code": self.code, "severity": str(self.severity), "detail": self.detail, "stage": self.stage}


def blocked(code: str, detail: str, stage: str | None = None) -> Finding:
    """A finding that keeps something closed."""
    return Finding(code=code, severity=Severity.BLOCK, detail=detail, stage=stage)


def warned(code: str, detail: str, stage: str | None = None) -> Finding:
    """A finding that changes nothing by itself."""
    return Finding(code=code, severity=Severity.WARN, detail=detail, stage=stage)
