"""A Result as text, JSON, Markdown and HTML."""
