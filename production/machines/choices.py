from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.states import Moves, table


class MachineStatus(models.TextChoices):
    INSTALLED = "installed", _("installed")
    OWNED_NOT_INSTALLED = "owned_not_installed", _("owned, not installed")
    RETIRED = "retired", _("retired")


STATUS_NEXT: Moves = table(
    owned_not_installed=("installed", "retired"),
    installed=("owned_not_installed", "retired"),
)


class PoolKind(models.TextChoices):
    """What a pool holds. Of the tools a product needs one of its own; crews and power go with machines."""

    MOULD = "mould", _("mould")
    DIE = "die", _("die")
    FRAME = "frame", _("frame")
    CREW = "crew", _("crew")
    POWER = "power", _("power, kW")


TOOLS = frozenset({PoolKind.MOULD, PoolKind.DIE, PoolKind.FRAME})


class PoolStatus(models.TextChoices):
    IN_SERVICE = "in_service", _("in service")
    RETIRED = "retired", _("retired")


POOL_NEXT: Moves = table(in_service=("retired",))


class DayKind(models.TextChoices):
    HOLIDAY = "holiday", _("public holiday")
    MAKEUP_WORKDAY = "makeup_workday", _("make-up workday")
    SHOP_CLOSURE = "shop_closure", _("shop closure")


class MovementReason(models.TextChoices):
    OPENING = "opening", _("opening stock")
    ARRIVAL = "arrival", _("expected arrival")
    CONSUMPTION = "consumption", _("consumption")
    CORRECTION = "correction", _("correction")


class OfferStatus(models.TextChoices):
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


OFFER_NEXT: Moves = table(published=("withdrawn",))


class CapacityBand(models.TextChoices):
    """Hours that the members offer together in a week: more than the band below, up to its own number."""

    UP_TO_100 = "up_to_100", _("up to 100 h")
    UP_TO_500 = "up_to_500", _("up to 500 h")
    UP_TO_2000 = "up_to_2000", _("up to 2000 h")
    ABOVE_2000 = "above_2000", _("above 2000 h")


class AcceptMode(models.TextChoices):
    """Whether a placement on the offer's standing terms binds the doer at once."""

    AT_ONCE = "at_once", _("at once")
    ASK = "ask", _("ask first")


class MaterialFrom(models.TextChoices):
    GIVER = "giver", _("the giver")
    DOER = "doer", _("the doer")
