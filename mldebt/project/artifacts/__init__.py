"""Which process writes which data and which reads it: templates, identities, accesses, declarations, and their join."""
