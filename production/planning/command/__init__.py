"""The planner from the command line: formats of files, budgets, one line of JSON."""
