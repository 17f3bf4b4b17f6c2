"""The plan on the desk: lists of its rows, and the chart."""

from production.plans.admin import gantt, lists

__all__ = ["gantt", "lists"]
