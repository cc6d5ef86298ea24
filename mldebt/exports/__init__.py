"""Facts that one repository hands to others: the form on disk, writing it, reading it."""
