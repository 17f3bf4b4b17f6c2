from django.db import models
from django.utils.translation import gettext_lazy as _


class LotKind(models.TextChoices):
    MATERIAL = "material", _("material")
    PRODUCT = "product", _("product")
