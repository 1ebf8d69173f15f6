"""Reads of the truth. Each module declares the PERMISSIONS that its calls need; none of them changes anything."""
