"""The report of who can use what: as one HTML page that needs nothing else, as JSON and as CSV."""
