"""The story of a model card."""

from demo.card.scenario import card

__all__ = ["card"]
