"""Executions: a definition at work, its history and what others hear of it."""
