"""Fences: the denies that make a stage read-only, because no RAM permission for cards is."""
