"""Pure decisions. This package imports the standard library only, never logs and never reads a clock."""
