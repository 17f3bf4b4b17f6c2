from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MaterialKind(models.TextChoices):
    RESIN = "resin", _("resin")
    PIGMENT = "pigment", _("pigment")
    ADDITIVE = "additive", _("additive")
    BLANK = "blank", _("blank")


class MachineKind(models.TextChoices):
    PRESS = "press", _("press")
    EXTRUDER = "extruder", _("extruder")
    RAM = "ram", _("ram extruder")
    MILL = "mill", _("gantry mill")
    ROUTER = "router", _("CNC router")
    SAW = "saw", _("saw")
    MIXER = "mixer", _("mixer")
    OVEN = "oven", _("oven")


FORMING_KINDS = frozenset({MachineKind.PRESS, MachineKind.EXTRUDER, MachineKind.RAM})


class Process(models.TextChoices):
    MIX = "MIX", _("mixing")
    PRESS = "PRESS", _("pressing")
    EXTRUDE = "EXTRUDE", _("extrusion")
    RAM = "RAM", _("ram extrusion")
    REST = "REST", _("resting")
    ANNEAL = "ANNEAL", _("annealing")
    SAW = "SAW", _("sawing")
    MILL = "MILL", _("milling")
    ROUTE = "ROUTE", _("routing on the router")
    QC = "QC", _("inspection")
    PACK = "PACK", _("packing")


FORMING_PROCESSES = frozenset({Process.PRESS, Process.EXTRUDE, Process.RAM})


# Which kind of machine does a process. What is not listed needs no machine: it takes time only.
MACHINE_OF: Mapping[str, MachineKind] = {
    Process.MIX: MachineKind.MIXER,
    Process.PRESS: MachineKind.PRESS,
    Process.EXTRUDE: MachineKind.EXTRUDER,
    Process.RAM: MachineKind.RAM,
    Process.ANNEAL: MachineKind.OVEN,
    Process.SAW: MachineKind.SAW,
    Process.MILL: MachineKind.MILL,
    Process.ROUTE: MachineKind.ROUTER,
}


class StepClock(models.TextChoices):
    """Whether time without a machine passes always or in the firm's hours only."""

    ELAPSED = "elapsed", _("always")
    FIRM = "firm", _("in working hours")


class ChangeKind(models.TextChoices):
    """In which way an attribute of the recipe changes, for a changeover rule to apply."""

    ANY = "any", _("any change")
    TO_DARKER = "to_darker", _("to darker")
    TO_LIGHTER = "to_lighter", _("to lighter")
    TO_TRUE = "to_true", _("begins to hold")
    TO_FALSE = "to_false", _("ceases to hold")


# Colours of products as the park writes them. A firm may write others, which are shown as they are.
COLOURS: Mapping[str, Promise] = {
    "natural": pgettext_lazy("colour", "natural"),
    "white": pgettext_lazy("colour", "white"),
    "black": pgettext_lazy("colour", "black"),
    "green": pgettext_lazy("colour", "green"),
    "blue": pgettext_lazy("colour", "blue"),
    "red": pgettext_lazy("colour", "red"),
    "yellow": pgettext_lazy("colour", "yellow"),
    "grey": pgettext_lazy("colour", "grey"),
}

# Other short texts that the catalogue has words for; a value that is not here is shown as it is written.
FORMS: Mapping[str, Promise] = {
    "panel": _("panel"),
    "sheet": _("sheet"),
    "part": _("part"),
    "rod": _("rod"),
    "profile": _("profile"),
}
APPROVALS: Mapping[str, Promise] = {"medical": _("medical"), "boron": _("with boron"), "aerospace": _("aerospace")}
CHANGEOVER_GROUPS: Mapping[str, Promise] = {"material": _("material"), "tool": _("tool")}
