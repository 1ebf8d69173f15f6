"""What governance.toml says, as values, and how the file is read and checked."""
