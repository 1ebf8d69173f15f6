"""How many packages fit into the documents that open them, and how long one approval takes when many are in already."""
