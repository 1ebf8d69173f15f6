"""Guardrails: what the users of Canvas and Studio may not do, whatever else lets them. They only take away."""
