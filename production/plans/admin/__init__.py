"""The plan on the desk: lists of its rows, the page of a run, and the chart."""

from production.plans.admin import gantt, hand, lists, plan_run

__all__ = ["gantt", "hand", "lists", "plan_run"]
