"""A static linter for machine-learning technical debt."""
