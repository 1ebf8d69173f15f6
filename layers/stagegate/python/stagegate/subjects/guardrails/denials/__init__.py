"""What a guardrail denies, as statements."""
