"""Names in governance.toml that may stand for several."""


def fits(pattern: str, name: str) -> bool:
    """Tell whether a name is the one meant, or starts as one that ends in `*`."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
