"""Whose word a tag is that decides whom a card is for."""
