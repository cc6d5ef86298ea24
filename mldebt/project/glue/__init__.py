"""General-purpose ML packages and the code around them: who calls them, what of theirs crosses, what is written again for each call."""
