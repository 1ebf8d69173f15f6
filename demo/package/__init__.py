"""The story of a model package's versions."""

from demo.package.plot import package

__all__ = ["package"]
