"""Data on disk -> typed columns and the rows that models see."""
