"""The dispatch portfolio: several orders of the lines, each placed line by line, the best plan taken."""
