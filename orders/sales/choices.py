from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.states import Moves, table


class OrderOrigin(models.TextChoices):
    OWN = "own", _("a customer's")
    OUTSOURCED = "outsourced", _("taken over from a member")


class OrderStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    CONFIRMED = "confirmed", _("confirmed")
    PLANNED = "planned", _("planned")
    IN_PRODUCTION = "in_production", _("in production")
    COMPLETED = "completed", _("completed")
    DELIVERED = "delivered", _("delivered")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")
    DECLINED = "declined", _("declined")


NEXT: Moves = table(
    draft=("confirmed", "cancelled", "declined"),
    confirmed=("planned", "in_production", "cancelled"),
    planned=("confirmed", "in_production", "cancelled"),
    in_production=("completed",),
    completed=("delivered",),
    delivered=("closed",),
)
OPEN_STATUSES = (OrderStatus.CONFIRMED, OrderStatus.PLANNED, OrderStatus.IN_PRODUCTION)


class Consent(models.TextChoices):
    """Whether a line's work may go to another member."""

    NEVER = "never", _("never")
    ASK = "ask", _("ask first")
    ALLOWED = "allowed", _("allowed")


class PlanState(models.TextChoices):
    """What the published plan says of a line."""

    UNPLANNED = "unplanned", _("not planned yet")
    ON_TIME = "on_time", _("on time")
    LATE = "late", _("late")
    UNPLACED = "unplaced", _("no place in the plan")


class DeclineReason(models.TextChoices):
    CAPACITY = "capacity", _("capacity")
    PRICE = "price", _("price")
    DATE = "date", _("date")
    MATERIAL = "material", _("material")
