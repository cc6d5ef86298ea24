"""Committed configuration files against the code that loads them."""
