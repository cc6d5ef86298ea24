"""Values that are written down in several places: which of them must agree, and which disagree."""
