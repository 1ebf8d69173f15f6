"""Which stages are let in: each approval by itself, and several of them together."""
