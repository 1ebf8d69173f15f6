"""The words that every room uses: ARNs, errors, findings, patterns, statuses. It touches nothing."""
