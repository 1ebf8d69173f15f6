"""Who can use what, since when, by whose approval and through what: answers from what is recorded, without AWS."""
