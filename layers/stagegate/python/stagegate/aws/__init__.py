"""What every AWS call shares: time limits, retries, and how AWS's refusals become our errors."""
