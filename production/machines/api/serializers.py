"""Machines, their hours and the capacity that a firm offers. Machines are named by the firm's own codes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.catalog.api.fields import NamesProduct
from mes.catalog.choices import Process
from mes.catalog.models import MOST_MM
from mes.core.api.fields import (
    ExactDecimalField,
    FollowedQuery,
    InstantField,
    PageQuery,
    PlainTextField,
    StrictSerializer,
    TruthField,
    WholeNumberField,
)
from production.machines.choices import (
    AcceptMode,
    CapacityBand,
    MachineStatus,
    MaterialFrom,
    OfferStatus,
    PoolKind,
    PoolStatus,
)
from production.machines.models import (
    CalendarRule,
    CapacityOffer,
    Downtime,
    Machine,
    Overtime,
    Pool,
    PoolDowntime,
    PoolNeed,
)
from production.machines.models.offers import MOST_LEAST_LOT_KG
from production.machines.models.pools import MOST_POOL_NAME, MOST_UNITS
from production.machines.selectors.bands import Band
from production.machines.selectors.own import machine_id_of_code, pool_id_of_code
from production.machines.services.machines import EFFICIENCY_PERMILLE, MOST_CODE_LENGTH

MOST_MACHINES = 500


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": MOST_CODE_LENGTH})
class MachineCodeField(serializers.Field[Any, Any, Any, Any]):
    """The code of one of the firm's machines; becomes its key."""

    default_error_messages = {"unknown": _("The firm has no machine with this code.")}

    def to_internal_value(self, data: Any) -> UUID:
        known = isinstance(data, str) and "\0" not in data
        machine_id = machine_id_of_code(actor=self.context["actor"], code=data) if known else None
        if machine_id is None:
            self.fail("unknown")
        return machine_id


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": MOST_CODE_LENGTH})
class PoolCodeField(serializers.Field[Any, Any, Any, Any]):
    """The code of one of the firm's shared resources; becomes its key."""

    default_error_messages = {"unknown": _("The firm has no shared resource with this code.")}

    def to_internal_value(self, data: Any) -> UUID:
        known = isinstance(data, str) and "\0" not in data
        pool_id = pool_id_of_code(actor=self.context["actor"], code=data) if known else None
        if pool_id is None:
            self.fail("unknown")
        return pool_id


class MachineSerializer(serializers.ModelSerializer[Machine]):
    """A machine of the firm. `family_code`: what it is set up for."""

    class_code = serializers.CharField(source="machine_class.code")
    family_code = serializers.CharField(source="family.code", default=None, allow_null=True)

    class Meta:
        model = Machine
        fields = ("id", "code", "external_ref", "class_code", "status", "efficiency_permille", "family_code")


class CalendarRuleSerializer(serializers.ModelSerializer[CalendarRule]):
    """Working days of one machine class, or of all others (`class_code` null)."""

    class_code = serializers.CharField(source="machine_class.code", default=None, allow_null=True)
    pattern_code = serializers.CharField(source="pattern.code")

    class Meta:
        model = CalendarRule
        fields = ("id", "class_code", "pattern_code", "weekdays", "keeps_holidays", "keeps_closure")


class DowntimeSerializer(serializers.ModelSerializer[Downtime]):
    """A machine stands in [`starts_at`, `ends_at`)."""

    machine = serializers.CharField(source="machine.code")

    class Meta:
        model = Downtime
        fields = ("id", "machine", "starts_at", "ends_at", "planned", "note")


class OvertimeSerializer(serializers.ModelSerializer[Overtime]):
    """Work around the clock in [`starts_at`, `ends_at`): one machine, or the whole firm (`machine` null)."""

    machine = serializers.CharField(source="machine.code", default=None, allow_null=True)

    class Meta:
        model = Overtime
        fields = ("id", "machine", "starts_at", "ends_at", "note")


class PoolNeedSerializer(serializers.ModelSerializer[PoolNeed]):
    """What holds `units` of a shared resource while it runs: a machine, a machine class, or a process.

    A process counts for one product, for one thickness, or for whatever is made.
    """

    pool = serializers.CharField(source="pool.code")
    machine = serializers.CharField(source="machine.code", default=None, allow_null=True)
    class_code = serializers.CharField(source="machine_class.code", default=None, allow_null=True)
    process = serializers.ChoiceField(Process.choices, allow_blank=True)
    product_code = serializers.CharField(source="product.code", default=None, allow_null=True)

    class Meta:
        model = PoolNeed
        fields = ("id", "pool", "units", "machine", "class_code", "process", "product_code", "thickness_mm")


class PoolSerializer(serializers.ModelSerializer[Pool]):
    """A mould, die, frame, crew or power of the firm: `size` pieces, people or kW.

    `pattern_code` null: it is there always; else in the pattern's shifts on the `weekdays`.
    """

    pattern_code = serializers.CharField(source="pattern.code", default=None, allow_null=True)
    needs = PoolNeedSerializer(many=True)

    class Meta:
        model = Pool
        fields = (
            "id", "code", "name", "kind", "size", "status", "pattern_code", "weekdays", "keeps_holidays",
            "keeps_closure", "needs",
        )  # fmt: skip


class PoolDowntimeSerializer(serializers.ModelSerializer[PoolDowntime]):
    """So many units of a shared resource, or all (`units` null), are missing in [`starts_at`, `ends_at`)."""

    pool = serializers.CharField(source="pool.code")

    class Meta:
        model = PoolDowntime
        fields = ("id", "pool", "units", "starts_at", "ends_at", "planned", "note")


class OfferSerializer(serializers.ModelSerializer[CapacityOffer]):
    """An offer as its own firm reads it, with the standing fee."""

    fee_cny_per_t = serializers.DecimalField(source="terms.fee_cny_per_t", max_digits=12, decimal_places=2)
    machines = serializers.SerializerMethodField()

    class Meta:
        model = CapacityOffer
        fields = (
            "id", "code", "status", "starts_at", "ends_at", "share_pct", "least_lot_kg", "accept", "material_from",
            "fee_cny_per_t", "machines",
        )  # fmt: skip

    def get_machines(self, offer: CapacityOffer) -> list[str]:
        return sorted(offered.machine.code for offered in offer.offered_machines.all())


class CapacityBandSerializer(serializers.Serializer[Band]):
    """Machine time that the members offer in the week from Monday `starts_on`. `band` null: withheld."""

    class_code = serializers.CharField()
    starts_on = serializers.DateField()
    band = serializers.ChoiceField(CapacityBand.choices, allow_null=True)


class MachinesQuery(FollowedQuery):
    """Filter of the list."""

    status = serializers.ChoiceField(MachineStatus.choices, required=False)


class PoolsQuery(PageQuery):
    """Filter of the list."""

    status = serializers.ChoiceField(PoolStatus.choices, required=False)


class OffersQuery(PageQuery):
    """Filter of the list."""

    status = serializers.ChoiceField(OfferStatus.choices, required=False)


class MachineRequest(StrictSerializer):
    """A machine; installed unless said otherwise. `family_code`: what it is set up for."""

    code = PlainTextField(max_length=30)
    class_code = PlainTextField(max_length=20)
    status = serializers.ChoiceField(MachineStatus.choices, required=False)
    efficiency_permille = WholeNumberField(
        required=False, min_value=EFFICIENCY_PERMILLE.start, max_value=EFFICIENCY_PERMILLE.stop - 1
    )
    family_code = PlainTextField(max_length=80, required=False)
    external_ref = PlainTextField(max_length=80, required=False, allow_null=True)


class MachineChangeRequest(StrictSerializer):
    """Installs, takes down or retires a machine."""

    status = serializers.ChoiceField(MachineStatus.choices)


class CalendarRuleRequest(StrictSerializer):
    """Working days of one machine class, or without `class_code` of all others. "12345" is Monday to Friday."""

    pattern_code = PlainTextField(max_length=20)
    weekdays = PlainTextField(max_length=7)
    class_code = PlainTextField(max_length=20, required=False, allow_null=True)
    keeps_holidays = TruthField(required=False, default=True)
    keeps_closure = TruthField(required=False, default=True)


class DowntimeRequest(StrictSerializer):
    """A machine stands in [`starts_at`, `ends_at`)."""

    machine = MachineCodeField(source="machine_id")
    starts_at = InstantField()
    ends_at = InstantField()
    planned = TruthField(required=False, default=True)
    note = PlainTextField(max_length=200, required=False, allow_blank=True)


class DowntimeChangeRequest(StrictSerializer):
    """What changes; what is left out stays. An `ends_at` of now ends it."""

    starts_at = InstantField(required=False)
    ends_at = InstantField(required=False)
    planned = TruthField(required=False)
    note = PlainTextField(max_length=200, required=False, allow_blank=True)


class OvertimeRequest(StrictSerializer):
    """Without a `machine` the whole firm works."""

    machine = MachineCodeField(source="machine_id", required=False)
    starts_at = InstantField()
    ends_at = InstantField()
    note = PlainTextField(max_length=200, required=False, allow_blank=True)


class PoolRequest(StrictSerializer):
    """So many pieces, people or kW that runs share. Without a `pattern_code` they are there always."""

    code = PlainTextField(max_length=MOST_CODE_LENGTH)
    kind = serializers.ChoiceField(PoolKind.choices)
    size = WholeNumberField(min_value=1, max_value=MOST_UNITS)
    name = PlainTextField(max_length=MOST_POOL_NAME, required=False, allow_blank=True)
    pattern_code = PlainTextField(max_length=20, required=False, allow_null=True)
    weekdays = PlainTextField(max_length=7, required=False)
    keeps_holidays = TruthField(required=False)
    keeps_closure = TruthField(required=False)


class PoolChangeRequest(StrictSerializer):
    """What changes; what is left out stays. A retired one stays retired."""

    name = PlainTextField(max_length=MOST_POOL_NAME, required=False, allow_blank=True)
    size = WholeNumberField(required=False, min_value=1, max_value=MOST_UNITS)
    status = serializers.ChoiceField(PoolStatus.choices, required=False)
    pattern_code = PlainTextField(max_length=20, required=False, allow_null=True)
    weekdays = PlainTextField(max_length=7, required=False)
    keeps_holidays = TruthField(required=False)
    keeps_closure = TruthField(required=False)


class PoolNeedRequest(NamesProduct):
    """One of `machine`, `class_code` and `process`; a process may be narrowed to a product or a thickness."""

    needs_product = False
    units = WholeNumberField(required=False, min_value=1, max_value=MOST_UNITS)
    machine = MachineCodeField(source="machine_id", required=False)
    class_code = PlainTextField(max_length=20, required=False)
    process = serializers.ChoiceField(Process.choices, required=False)
    thickness_mm = WholeNumberField(required=False, min_value=1, max_value=MOST_MM)


class PoolDowntimeRequest(StrictSerializer):
    """It is missing in [`starts_at`, `ends_at`): so many `units` of it, or all."""

    pool = PoolCodeField(source="pool_id")
    starts_at = InstantField()
    ends_at = InstantField()
    units = WholeNumberField(required=False, allow_null=True, min_value=1, max_value=MOST_UNITS)
    planned = TruthField(required=False, default=True)
    note = PlainTextField(max_length=200, required=False, allow_blank=True)


class PoolDowntimeChangeRequest(StrictSerializer):
    """What changes; what is left out stays. An `ends_at` of now ends it."""

    starts_at = InstantField(required=False)
    ends_at = InstantField(required=False)
    units = WholeNumberField(required=False, allow_null=True, min_value=1, max_value=MOST_UNITS)
    planned = TruthField(required=False)
    note = PlainTextField(max_length=200, required=False, allow_blank=True)


class OfferRequest(StrictSerializer):
    """Forming machines, a window, a share of their open time, and the fee per tonne of good product."""

    machines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=MachineCodeField(), source="machine_ids", min_length=1, max_length=MOST_MACHINES
    )
    starts_at = InstantField()
    ends_at = InstantField()
    fee_cny_per_t = ExactDecimalField(max_digits=12, decimal_places=2, min_value=0)
    share_pct = WholeNumberField(required=False, min_value=1, max_value=100)
    least_lot_kg = WholeNumberField(required=False, min_value=0, max_value=MOST_LEAST_LOT_KG)
    accept = serializers.ChoiceField(AcceptMode.choices, required=False)
    material_from = serializers.ChoiceField(MaterialFrom.choices, required=False)
    code = PlainTextField(max_length=40, required=False)
