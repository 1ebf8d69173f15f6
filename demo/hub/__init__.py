"""The story of a private hub of foundation models, and of the public one that is denied in its place."""
