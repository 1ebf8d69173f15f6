"""Guardrails on the roles of Canvas and Studio users."""
