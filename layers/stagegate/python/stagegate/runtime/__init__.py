"""What the functions call: it reads the settings, brings sources, decisions and surfaces together, and speaks JSON."""
