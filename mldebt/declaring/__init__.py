"""`mldebt declare`: the stanza that settles a finding."""
