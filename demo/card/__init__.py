"""The story of a model card."""

from demo.card.plot import card

__all__ = ["card"]
