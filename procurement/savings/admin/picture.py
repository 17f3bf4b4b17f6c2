"""What rounds saved, as a picture: a bar for each material of a round, with its band."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.desk.pages import DeskPage, register
from mes.core.desk.sections import Section
from procurement.savings.selectors.headline import sentence
from procurement.savings.selectors.picture import rounds_pictured


@register
class SavingsPage(DeskPage):
    """The last rounds with savings, without those in which the person has an interest."""

    name = "savings"
    path = "savings/"
    title = _("Savings as a chart")
    key_element = "#savings[data-drawn]"
    section = Section.ROUNDS
    icon = "bar_chart"
    template_name = "savings/savings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = rounds_pictured()
        bars = [
            {"name": f"{pictured.code} {material}", "rates": [float(rate) for rate in headline.rates]}
            for pictured in found
            for material, headline in pictured.materials
            if headline.rates is not None
        ]
        told = [(pictured.code, sentence(pictured.whole)) for pictured in found]
        texts = {"axis": gettext("saved, per cent of the market price"), "band": gettext("first to third quartile")}
        return super().get_context_data(bars={"bars": bars, "texts": texts}, told=told, **kwargs)
