"""The code that functions run, unpacked, and the libraries that stand in for their layer."""
