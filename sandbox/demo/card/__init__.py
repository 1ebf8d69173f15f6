"""The story of a model card."""

from sandbox.demo.card.plot import card

__all__ = ["card"]
