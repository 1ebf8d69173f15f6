"""Whether what is recorded is what was recorded: the chain of each subject's history, and what is kept of its ends."""
