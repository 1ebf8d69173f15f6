"""Who must have access now, from what happened and what governance.toml means. It knows nothing of the product.

`rules` reads the file, `facts` is what happened, `cards`, `packages` and `groups` judge. Each judgement is one of
three: it must be open, it must be closed, or nobody can ask for either yet (and then it says why). It is written from
docs/rules.md, docs/concepts.md and the decisions 2, 10, 19 and 20.
"""
