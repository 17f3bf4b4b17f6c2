"""Flexible job shops: jobs of operations in a row, each on one of several machines, to be finished soonest."""
