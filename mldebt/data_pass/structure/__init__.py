"""What the columns say about each other, without a model."""
