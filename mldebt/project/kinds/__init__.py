"""What kind of model is meant: branches that ask for it, and classes that stand for it."""
