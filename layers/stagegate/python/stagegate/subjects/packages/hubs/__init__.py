"""Packages as models of private hubs."""
