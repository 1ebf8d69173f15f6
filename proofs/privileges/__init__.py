"""Least privilege, action by action: what each role of both templates may do, and which of it the tests have used."""
