"""What the exit codes of `stagegate` mean. Pure."""

OK = 0
"""It is done, or there was nothing to do."""
FAILED = 1
"""It failed, or something is wrong: the output says what, and how to mend it."""
USAGE = 2
"""The command line, a name or a file is wrong. Nothing was called that changes anything."""
WAITS = 3
"""It ended well, and something waits for a person: a decision, a finding that blocks, `paused`, a sweep that asks."""
LEFT = 4
"""Another run does it."""
UNSEEN = 5
"""`why` could not look: AWS refused, or has no such stack. Nothing is known of the answer."""
INTERRUPTED = 130
"""Ctrl-C. What was started goes on."""
