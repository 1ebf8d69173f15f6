"""The rows of the page: each part says its own figures, and in lines what was seen."""
