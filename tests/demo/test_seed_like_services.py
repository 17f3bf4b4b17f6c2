"""A seeded order is what the services would have left of the same order."""

from __future__ import annotations

from typing import Any

import pytest
from django.forms.models import model_to_dict

from mes.core.actors import Channel, DatabaseRole
from mes.core.wall import wall
from mes.demo.sample.sample import build_sample
from mes.demo.sample.shapes import Sample, SampleOrder
from mes.demo.seed import Index, sample_seed
from mes.demo.seed.directory import person
from mes.demo.seed.index import cny_per_t
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from mes.firms.models import User
from orders.sales.models import SalesOrder
from orders.sales.services import LineDraft, line_complete, sales_order_confirm, sales_order_create

pytestmark = pytest.mark.django_db
NOT_COMPARED = {"id", "number", "order", "line", "created_at"}


@pytest.fixture
def sample() -> Sample:
    return build_sample()


@pytest.fixture
def index(db: None, sample: Sample) -> Index:
    return sample_seed(sample=sample)


def _some(sample: Sample) -> list[SampleOrder]:
    """One order of each consent, one with excluded firms, one that nothing is reported of, and the case's."""
    orders = sample.orders
    found = [next(o for o in orders if o.consent.outsourcing == consent) for consent in ("never", "ask", "allowed")]
    found.append(next(o for o in orders if o.consent.excluded_firm_codes))
    found.append(next(o for o in orders if not o.reported_pieces))
    return [*found, orders[-1]]


def _by_services(row: SampleOrder, index: Index) -> SalesOrder:
    user = User.objects.get(username=person(row.firm_code, Role.PLANNER))
    actor = actor_of_user(user, channel=Channel.COMMAND)
    ceiling = row.consent.fee_ceiling_fen_per_t
    line = LineDraft(
        product_id=index.products[row.product_code],
        due_at=index.at(row.due_min),
        pieces=row.pieces,
        priority=row.priority,
        consent=row.consent.outsourcing,
        fee_ceiling_cny_per_t=None if ceiling is None else cny_per_t(ceiling),
        excluded_firm_ids=frozenset(index.firms[code] for code in row.consent.excluded_firm_codes),
        price_cny_per_t=cny_per_t(row.terms.price_fen_per_t),
    )
    order = sales_order_create(
        actor=actor, customer_name=row.terms.customer_name, lines=[line], now=index.zero, ordered_on=row.ordered_on
    )
    sales_order_confirm(actor=actor, order_id=order.pk, now=index.zero)
    if row.reported_pieces:
        line_complete(actor=actor, line_id=order.lines.get().pk, pieces=row.reported_pieces, now=index.zero)
    return order


def _content(order: SalesOrder) -> dict[str, Any]:
    order = SalesOrder.objects.get(pk=order.pk)
    line = order.lines.get()
    return {
        "order": _fields(order),
        "order terms": _fields(order.terms),
        "line": _fields(line),
        "line number": line.number,
        "line terms": _fields(line.terms),
        "excluded": sorted(str(row.excluded_firm_id) for row in line.exclusions.all()),
        "completed": [_fields(row) for row in line.completions.all()],
    }


def _fields(row: Any) -> dict[str, Any]:
    return {name: value for name, value in model_to_dict(row).items() if name not in NOT_COMPARED}


def test_a_seeded_order_equals_one_made_by_the_services(sample: Sample, index: Index) -> None:
    for row in _some(sample):
        with wall(DatabaseRole.FIRM, index.firms[row.firm_code]):
            seeded = SalesOrder.objects.get(number=row.number)
            made = _by_services(row, index)
            assert _content(seeded) == _content(made), row.number
