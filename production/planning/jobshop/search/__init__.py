"""The search for a short plan."""
