"""`mldebt graph`: who writes and who reads each artifact, in several formats."""
