"""Stagegate: a model's access follows its card."""
