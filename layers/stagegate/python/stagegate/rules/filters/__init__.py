"""The filters by which a private hub is curated from JumpStart's public hub."""
