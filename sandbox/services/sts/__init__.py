"""STS, as moto brings it, with sessions that authorization knows."""
