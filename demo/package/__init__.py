"""The story of a model package's versions."""

from demo.package.scenario import package

__all__ = ["package"]
