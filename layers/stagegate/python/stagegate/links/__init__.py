"""Cards and packages that belong together: which card speaks for a package, and what its word comes to. Pure."""
