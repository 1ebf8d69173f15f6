"""What each document should give, from what governance.toml means. Plain data in, files of grants out
(`proofs.policies.grants`): nothing here knows how Stagegate makes its documents, and nothing here imports it.
"""
