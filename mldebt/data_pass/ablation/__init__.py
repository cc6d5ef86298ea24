"""Which columns may go together: races, joint elimination, confirmation, explanation."""
