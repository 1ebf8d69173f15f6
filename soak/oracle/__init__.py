"""Who must have access now, from what happened and what governance.toml means. It knows nothing of the product.

`rules` reads the file, `facts` is what happened, `cards`, `packages` and `groups` judge. Each verdict is one of three:
it must be open, it must be closed, or either is right, because what decides can't be known yet. It says why.

It is written from docs/rules.md, docs/concepts.md and the decisions 2, 9, 10 and 19. It imports nothing of the
product. Three of its numbers are the decisions', and not the rules': the two minutes before a record, the second that
two records share, and that a question counts from the second after it. What is wrong in these decisions is wrong here.
"""
