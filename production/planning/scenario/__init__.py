"""What if: a problem with some things otherwise, planned apart from it."""
