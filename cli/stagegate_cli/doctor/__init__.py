"""What `doctor` looks at: each check reads, and says what was found, and how to mend what is wrong."""
