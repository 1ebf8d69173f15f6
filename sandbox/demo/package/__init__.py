"""The story of a model package's versions."""

from sandbox.demo.package.plot import package

__all__ = ["package"]
