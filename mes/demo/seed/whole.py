"""The whole park in one call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.demo.sample.shapes import Sample
from mes.demo.seed import catalogue, directory, orders, shopfloor
from mes.demo.seed.index import Index, zero_of


class OfFirm(Protocol):
    @property
    def firm_code(self) -> str: ...


Row = TypeVar("Row", bound=OfFirm)


def sample_seed(*, sample: Sample) -> Index:
    """Fills an empty database with the sample, public rows as the association, each firm's rows as that firm.

    The rows are written directly and in bulk; they are what the services would have left, and the database's own
    rules hold for them. Raises django.db.IntegrityError when the database is not empty.
    """
    index = Index(zero=zero_of(sample))
    with wall(DatabaseRole.STAFF):
        directory.seed_directory(park=sample.park, index=index)
        catalogue.seed_catalogue(sample=sample, index=index)
    machines = _by_firm(sample.park.machines)
    bookings = _by_firm(sample.bookings)
    overtime = _by_firm(sample.overtime)
    offers = _by_firm(sample.offers)
    stocks = _by_firm(sample.stocks)
    blanks = _by_firm(sample.blank_stocks)
    books = _by_firm(sample.orders)
    setups = {row.machine_code: row.recipe.code for row in sample.setups}
    blank_g = catalogue.blank_mass_g(sample.park)
    for firm in sample.park.firms:
        with wall(DatabaseRole.FIRM, index.firms[firm.code]):
            shop = shopfloor.seed_machines(firm=firm, machines=machines[firm.code], setups=setups, index=index)
            shopfloor.seed_periods(shop=shop, overtime=overtime[firm.code], bookings=bookings[firm.code], index=index)
            shopfloor.seed_offers(shop=shop, offers=offers[firm.code], index=index)
            shopfloor.seed_stock(
                shop=shop, stocks=stocks[firm.code], blanks=blanks[firm.code], blank_mass_g=blank_g, index=index
            )
            orders.seed_orders(firm_id=shop.firm_id, book=books[firm.code], index=index)
    return index


def _by_firm(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.firm_code].append(row)
    return found
