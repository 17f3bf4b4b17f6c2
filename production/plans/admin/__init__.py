"""The plan on the desk: lists of its rows, the page of a run, and the chart."""

from production.plans.admin import advice, gantt, hand, lists, new_scenario, plan_run, scenarios

__all__ = ["advice", "gantt", "hand", "lists", "new_scenario", "plan_run", "scenarios"]
