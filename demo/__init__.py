"""The demonstration: stories played on an embedded organization, checked from the consumers' own calls."""
