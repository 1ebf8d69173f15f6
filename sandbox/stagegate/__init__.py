"""What knows governance.toml: the organization that it describes, with Stagegate deployed."""
