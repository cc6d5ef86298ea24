"""Data that change their form on the way to a model: frame, array, tensor, list, records."""
