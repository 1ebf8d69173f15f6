"""Trials: the same step of the same story again and again, each time with another fault at another moment.

A story is brought up to the step once. Each trial goes on from there in a copy of the process (fork), so that all begin
alike. What becomes of a fault is one of four: absorbed, mended by the next event, mended by the sweep, or not at all.
"""
