"""`mldebt graph --models` in each format."""
