"""What happens when very much happens at once, or there is very much to look at."""
