"""An account as a subject: what of ours lies in it that no other subject is about, or none knows of."""
