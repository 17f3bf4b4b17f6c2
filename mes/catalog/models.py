"""What is made, of what, and how. Rows without a firm are the association's standards; others are one firm's own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import ChangeKind, MachineKind, MaterialKind, Process, StepClock
from mes.core.bounds import between, not_blank, plausible_times
from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import ALL, NONE, WRITE, Tenancy, own_or_standard, private, public
from mes.core.units import GRAMS_PER_KG
from mes.firms.models import Firm

MOST_NAME = 120
MOST_ITEM_NUMBER = 80
MOST_MM = 100_000
MOST_G = 100_000_000
MOST_S = 10_000_000
MOST_PIECES = 1_000_000
MOST_CNY = 1_000_000


class Grade(Record):
    """A resin grade."""

    tenancy: ClassVar[Tenancy] = public()

    code = models.CharField(_("code"), max_length=20, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True, default="")
    family = models.CharField(_("grade family"), max_length=20)
    molecular_weight = models.CharField(_("molecular weight"), max_length=60, blank=True, default="")

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")

    def __str__(self) -> str:
        return self.code


class Material(Record):
    """What a routing consumes: a resin of some grade, a pigment, an additive, a blank."""

    tenancy: ClassVar[Tenancy] = public()

    code = models.CharField(_("code"), max_length=30, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=MaterialKind.choices)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80, blank=True, default="")
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True, default="")
    grade = models.ForeignKey(Grade, verbose_name=_("grade"), null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        constraints = [models.CheckConstraint(condition=Q(kind__in=MaterialKind.values), name="material_kind_known")]

    def __str__(self) -> str:
        return self.code


class MachineClass(Record):
    """Machines of one kind and envelope. `load_min` is the loading and unloading that a press cycle includes."""

    tenancy: ClassVar[Tenancy] = public()

    code = models.CharField(_("code"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=MachineKind.choices)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True, default="")
    daylights = models.PositiveSmallIntegerField(_("daylights"), null=True, blank=True)
    platen_length_mm = models.PositiveIntegerField(_("platen length, mm"), null=True, blank=True)
    platen_width_mm = models.PositiveIntegerField(_("platen width, mm"), null=True, blank=True)
    max_thickness_mm = models.PositiveIntegerField(_("greatest thickness, mm"), null=True, blank=True)
    load_min = models.PositiveIntegerField(_("loading, min"), default=0)
    connected_kw = models.PositiveIntegerField(_("connected load, kW"), default=0)
    floor_m2 = models.PositiveIntegerField(_("floor, m²"), default=0)

    class Meta:
        verbose_name = _("machine class")
        verbose_name_plural = _("machine classes")
        constraints = [models.CheckConstraint(condition=Q(kind__in=MachineKind.values), name="class_kind_known")]

    def __str__(self) -> str:
        return self.code


class ChangeoverFamily(Record):
    """A recipe as far as changing over depends on it; runs of one family follow each other without a changeover.

    `colour_depth`: 0 natural and white, 1 light, 2 dark, 3 black. `pattern`: the mould, `die`: the extruder's die.
    """

    tenancy: ClassVar[Tenancy] = public()

    code = models.CharField(_("code"), max_length=80, unique=True)
    grade_family = models.CharField(_("grade family"), max_length=20)
    colour = models.CharField(_("colour"), max_length=20)
    colour_depth = models.PositiveSmallIntegerField(_("colour depth"), default=0)
    thickness_mm = models.PositiveIntegerField(_("thickness, mm"))
    pattern = models.CharField(_("pattern"), max_length=30, blank=True, default="")
    die = models.CharField(_("die"), max_length=30, blank=True, default="")
    boron = models.BooleanField(_("with boron"), default=False)
    medical = models.BooleanField(_("medical"), default=False)

    class Meta:
        verbose_name = _("changeover family")
        verbose_name_plural = _("changeover families")

    def __str__(self) -> str:
        return self.code


class ChangeoverRule(Record):
    """Minutes lost when an attribute of the recipe changes in the given way on machines of a kind.

    Within a `group` the longest rule counts; the groups add up.
    """

    tenancy: ClassVar[Tenancy] = public()

    kind = models.CharField(_("machine kind"), max_length=12, choices=MachineKind.choices)
    attribute = models.CharField(_("attribute"), max_length=20)
    change = models.CharField(_("change"), max_length=12, choices=ChangeKind.choices)
    group = models.CharField(_("group"), max_length=20)
    minutes = models.PositiveIntegerField(_("minutes"))
    loss_kg = models.PositiveIntegerField(_("purge loss, kg"), default=0)

    class Meta:
        verbose_name = _("changeover rule")
        verbose_name_plural = _("changeover rules")
        constraints = [
            models.UniqueConstraint(fields=["kind", "attribute", "change", "group"], name="changeover_rule_once"),
            models.CheckConstraint(condition=Q(kind__in=MachineKind.values), name="changeover_kind_known"),
            models.CheckConstraint(condition=Q(change__in=ChangeKind.values), name="changeover_change_known"),
        ]

    def __str__(self) -> str:
        attribute: Any = ChangeoverFamily._meta.get_field(self.attribute)
        return f"{MachineKind(self.kind).label} {attribute.verbose_name}"


class TransportTariff(Record):
    """What a trip between two gates takes: minutes by distance, CNY by truck, distance and tonne. One row is used."""

    tenancy: ClassVar[Tenancy] = public()

    fixed_min = models.PositiveIntegerField(_("loading and unloading, min"))
    min_per_km = models.DecimalField(_("minutes per km"), max_digits=6, decimal_places=2)
    truck_kg = models.PositiveIntegerField(_("truck, kg"))
    fixed_cny_per_truck = models.DecimalField(_("CNY per truck"), max_digits=10, decimal_places=2)
    cny_per_km = models.DecimalField(_("CNY per km"), max_digits=10, decimal_places=2)
    handling_cny_per_t = models.DecimalField(_("handling, CNY per t"), max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = _("transport tariff")
        verbose_name_plural = _("transport tariffs")
        constraints = [
            models.CheckConstraint(
                condition=Q(truck_kg__gt=0)
                & between(0, MOST_CNY, "min_per_km", "fixed_cny_per_truck", "cny_per_km", "handling_cny_per_t"),
                name="tariff_in_range",
            )
        ]

    def __str__(self) -> str:
        return f"{self.truck_kg} kg"


class Product(Record):
    """A standard product, or a firm's own. `needs`: the approval that a firm must hold to make it.

    `retired_at`: since when no new order line takes it.
    """

    tenancy: ClassVar[Tenancy] = own_or_standard()
    feed: ClassVar[Feed] = Feed(
        "product",
        resource="catalogue",
        path="products/{id}",
        shows=shown_to_firm(
            "code", "external_ref", "name_zh", "name_en", "form", "length_mm", "width_mm", "thickness_mm",
            "unit_mass_g", "grade_id", "colour", "needs", "retired_at",
        ),
    )  # fmt: skip

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    external_ref = models.CharField(_("the firm's own item number"), max_length=80, null=True, blank=True)
    code = models.CharField(_("code"), max_length=30)
    name_zh = models.CharField(_("name (Chinese)"), max_length=MOST_NAME)
    name_en = models.CharField(_("name (English)"), max_length=MOST_NAME, blank=True, default="")
    form = models.CharField(_("form"), max_length=20)
    length_mm = models.PositiveIntegerField(_("length, mm"))
    width_mm = models.PositiveIntegerField(_("width, mm"), null=True, blank=True)
    thickness_mm = models.PositiveIntegerField(_("thickness, mm"))
    unit_mass_g = models.PositiveIntegerField(_("mass of a piece, g"))
    grade = models.ForeignKey(Grade, verbose_name=_("grade"), on_delete=models.PROTECT)
    colour = models.CharField(_("colour"), max_length=20)
    needs = models.CharField(_("approval needed"), max_length=20, blank=True, default="")
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(firm=None), name="standard_product_code"),
            models.UniqueConstraint(fields=["firm", "code"], name="product_code_once_per_firm"),
            models.UniqueConstraint(fields=["firm", "external_ref"], name="product_ref_once_per_firm"),
            models.CheckConstraint(condition=not_blank("code", "name_zh"), name="product_has_code_and_name"),
            models.CheckConstraint(condition=between(1, MOST_G, "unit_mass_g"), name="product_has_mass"),
            models.CheckConstraint(
                condition=between(1, MOST_MM, "length_mm", "width_mm", "thickness_mm"), name="product_has_dimensions"
            ),
            models.CheckConstraint(condition=plausible_times("retired_at"), name="product_retired_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class ProductEnvelope(Record):
    """What the association sees of a firm's own product: its family, mass and size. Kept with the product.

    `family`: of the resin grade. The policies of the database filter rows and not columns, so this stands apart from
    the product, whose code, name, colour and recipe nobody else reads. A standard product has none.
    """

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, planner=NONE)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    product = models.OneToOneField(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="envelope", editable=False
    )
    family = models.CharField(_("grade family"), max_length=20)
    mass_g = models.PositiveIntegerField(_("mass of a piece, g"))
    length_mm = models.PositiveIntegerField(_("length, mm"))
    width_mm = models.PositiveIntegerField(_("width, mm"), null=True, blank=True)
    thickness_mm = models.PositiveIntegerField(_("thickness, mm"))

    class Meta:
        verbose_name = _("product envelope")
        verbose_name_plural = _("product envelopes")
        constraints = [
            models.CheckConstraint(condition=between(1, MOST_G, "mass_g"), name="envelope_has_mass"),
            models.CheckConstraint(
                condition=between(1, MOST_MM, "length_mm", "width_mm", "thickness_mm"), name="envelope_has_dimensions"
            ),
        ]

    def __str__(self) -> str:
        sides = (self.length_mm, self.width_mm, self.thickness_mm)
        return f"{self.family} {' × '.join(str(side) for side in sides if side is not None)} mm"


class ItemNumber(Record):
    """What a firm's own programs call a product, the park's standard or its own. Read by the firm alone."""

    tenancy: ClassVar[Tenancy] = private(firm=ALL, staff=NONE, planner=NONE)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    number = models.CharField(_("the firm's own item number"), max_length=MOST_ITEM_NUMBER)
    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("item number")
        verbose_name_plural = _("item numbers")
        constraints = [
            models.UniqueConstraint(fields=["firm", "number"], name="item_number_once_per_firm"),
            models.CheckConstraint(condition=not_blank("number"), name="item_number_not_blank"),
        ]

    def __str__(self) -> str:
        return self.number


class Routing(Record):
    """One way to make a product; `preference` 1 is tried first."""

    tenancy: ClassVar[Tenancy] = own_or_standard()

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="routings")
    variant = models.CharField(_("variant"), max_length=20)
    preference = models.PositiveSmallIntegerField(_("preference"), default=1)

    class Meta:
        verbose_name = _("routing")
        verbose_name_plural = _("routings")
        constraints = [models.UniqueConstraint(fields=["product", "variant"], name="routing_variant_once")]

    def __str__(self) -> str:
        return self.variant


class RoutingStep(Record):
    """One operation. Without options it is time without a machine: resting, inspection, packing.

    `fixed_min` per transfer batch, and `seconds_per_piece` on top. `transfer_pieces`: the most pieces passed on at a
    time; none = the whole lot.
    """

    tenancy: ClassVar[Tenancy] = own_or_standard()

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    routing = models.ForeignKey(Routing, verbose_name=_("routing"), on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField(_("number"))
    process = models.CharField(_("process"), max_length=10, choices=Process.choices)
    family = models.ForeignKey(
        ChangeoverFamily, verbose_name=_("changeover family"), null=True, blank=True, on_delete=models.PROTECT
    )
    setup_min = models.PositiveIntegerField(_("set-up, min"), default=0)
    fixed_min = models.PositiveIntegerField(_("fixed time, min"), default=0)
    seconds_per_piece = models.PositiveIntegerField(_("seconds per piece"), default=0)
    clock = models.CharField(_("time passes"), max_length=8, choices=StepClock.choices, default=StepClock.FIRM)
    transfer_pieces = models.PositiveIntegerField(_("transfer batch, pieces"), null=True, blank=True)

    class Meta:
        verbose_name = _("routing step")
        verbose_name_plural = _("routing steps")
        constraints = [
            models.UniqueConstraint(fields=["routing", "number"], name="step_number_once"),
            models.CheckConstraint(condition=Q(process__in=Process.values), name="step_process_known"),
            models.CheckConstraint(condition=Q(clock__in=StepClock.values), name="step_clock_known"),
            models.CheckConstraint(
                condition=between(1, MOST_PIECES, "transfer_pieces"), name="transfer_batch_not_empty"
            ),
            models.CheckConstraint(
                condition=between(0, MOST_S, "setup_min", "fixed_min", "seconds_per_piece"), name="step_times_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {Process(self.process).label}"


class StepOption(Record):
    """A machine class that can do a step: by cycles of so many pieces and seconds, or by seconds per piece.

    Times are pure process times; a machine's efficiency divides them.
    """

    tenancy: ClassVar[Tenancy] = own_or_standard()

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    step = models.ForeignKey(RoutingStep, verbose_name=_("step"), on_delete=models.CASCADE, related_name="options")
    machine_class = models.ForeignKey(MachineClass, verbose_name=_("machine class"), on_delete=models.PROTECT)
    pieces_per_cycle = models.PositiveIntegerField(_("pieces per cycle"), null=True, blank=True)
    cycle_s = models.PositiveIntegerField(_("cycle, s"), null=True, blank=True)
    seconds_per_piece = models.PositiveIntegerField(_("seconds per piece"), null=True, blank=True)

    class Meta:
        verbose_name = _("step option")
        verbose_name_plural = _("step options")
        constraints = [
            models.UniqueConstraint(fields=["step", "machine_class"], name="class_once_per_step"),
            models.CheckConstraint(
                condition=Q(pieces_per_cycle__isnull=False, cycle_s__isnull=False, seconds_per_piece=None)
                | Q(pieces_per_cycle=None, cycle_s=None, seconds_per_piece__isnull=False),
                name="option_by_cycle_or_by_rate",
            ),
            models.CheckConstraint(
                condition=between(1, MOST_PIECES, "pieces_per_cycle")
                & between(1, MOST_S, "cycle_s", "seconds_per_piece"),
                name="option_times_in_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self.machine_class)


class BomLine(Record):
    """What one piece takes, gross of trim and reject. A blank gives `pieces_per_blank` pieces."""

    tenancy: ClassVar[Tenancy] = own_or_standard()

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    routing = models.ForeignKey(Routing, verbose_name=_("routing"), on_delete=models.CASCADE, related_name="bom")
    material = models.ForeignKey(Material, verbose_name=_("material"), on_delete=models.PROTECT)
    kg_per_piece = models.DecimalField(_("kg per piece"), max_digits=12, decimal_places=6)
    pieces_per_blank = models.PositiveIntegerField(_("pieces per blank"), null=True, blank=True)

    class Meta:
        verbose_name = _("bill of material line")
        verbose_name_plural = _("bill of material")
        constraints = [
            models.UniqueConstraint(fields=["routing", "material"], name="material_once_per_routing"),
            models.CheckConstraint(
                condition=Q(kg_per_piece__gt=0, kg_per_piece__lte=MOST_G // GRAMS_PER_KG), name="bom_mass_positive"
            ),
        ]

    def __str__(self) -> str:
        return str(self.material)
