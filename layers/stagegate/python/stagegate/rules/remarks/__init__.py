"""What is odd about a governance.toml that is taken all the same."""
