"""Random histories: what people do to cards and packages, what becomes of the news of it, and whether all is right."""
