"""Who sees what of a firm: the matrix of the walls as data. A test reads each cell as its reader, under the real roles.

`docs/visibility.md` is printed from it by `manage.py visibility`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Reader(Enum):
    """Seen from the firm whose information it is. The other party is the firm with which it shares a document."""

    OWN_FIRM = "own firm"
    DISPATCHER = "dispatcher"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    OTHER_MEMBER = "other members"
    OTHER_PARTY = "the other party"
    ROUND_OFFICER = "round officer"


DISPATCH = (Reader.DISPATCHER, Reader.ADMINISTRATOR, Reader.AUDITOR)
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """`says`: what the reader sees, in words. `tables`: whose rows of the firm he reads, by the model's label.

    `on_desk`: whether his desk lists them.
    """

    says: str
    tables: tuple[str, ...] = ()
    on_desk: bool = True


@dataclass(frozen=True, slots=True)
class Information:
    """A class of information: the tables that hold it, and what each reader sees. Who is not named sees nothing.

    `opened`: of rows that are sealed until they are opened, those that are open. `of_round`: of rows of which each says
    whether it is a round's, those that are, or are not.
    """

    name: str
    tables: tuple[str, ...] = ()
    cells: Mapping[Reader, Cell] = field(default_factory=dict)
    opened: bool = False
    of_round: bool | None = None

    def cell(self, reader: Reader) -> Cell:
        return self.cells.get(reader, Cell(NOTHING))


_DOCUMENTS = ("plans.Proposal", "outsourcing.OutsourceOrder")
_PLANT = (
    "machines.Machine", "machines.FirmApproval", "machines.CalendarRule", "machines.Overtime", "machines.Downtime",
    "machines.FrozenBooking", "machines.Pool", "machines.PoolNeed", "machines.PoolDowntime", "machines.StockMovement",
    "plans.MachineRun", "plans.PlannedLot", "floor.ProductionReport",
)  # fmt: skip
_ENVELOPES = ("catalog.ProductEnvelope",)
_RECIPES = ("catalog.Product", "catalog.Routing", "catalog.RoutingStep", "catalog.StepOption", "catalog.BomLine")
_ORDERS = ("sales.SalesOrder", "sales.SalesOrderLine", "sales.SalesOrderDecline")
_SELLING = ("sales.SalesOrderTerms", "sales.SalesOrderLineTerms")
_OFFERS = ("machines.CapacityOffer", "machines.OfferedMachine")
_OFFER_PRICE = ("machines.CapacityOfferTerms",)
_FILES = ("outsourcing.OutsourceFile",)
_QUOTATION = (
    "quotations.Quotation", "quotations.QuotationLine", "quotations.PriceBreak", "quotations.SupplierDiscount",
)  # fmt: skip
_COMMITMENT = ("rounds.Commitment", "rounds.LockedCommitment")
_RESERVE = ("rounds.CommitmentReserve",)
_SHARE = ("awards.FirmShare", "awards.Allocation")
_AWARDED = ("awards.AwardLine",)
_AUDIT = ("core.AuditRow",)
_ORDERED = ("supply.FirmOrder", "supply.LotAllocation", "supply.Claim")
_ASKED = ("supply.Concession",)
_SUPPLIED = (
    "supply.FrameworkAgreement", "supply.FrameworkBalance", "supply.Delivery", "supply.DeliveryLot",
    "supply.CertificateValue",
)  # fmt: skip
_OWED = (
    "settlement.Invoice", "settlement.InvoiceLine", "settlement.Posting", "settlement.LedgerEntry",
    "settlement.Deposit", "savings.SavingLine",
)  # fmt: skip
_INVOICED = ("settlement.Invoice", "settlement.InvoiceLine")
_AGREED = ("plans.ProposalTerms", "outsourcing.OutsourceOrderTerms")


def _everybody(
    own: Cell, dispatch: Cell | None = None, other_party: Cell | None = None, other_member: Cell | None = None
) -> dict[Reader, Cell]:
    cells = {Reader.OWN_FIRM: own} | (dict.fromkeys(DISPATCH, dispatch) if dispatch else {})
    others = {Reader.OTHER_PARTY: other_party, Reader.OTHER_MEMBER: other_member}
    return cells | {reader: cell for reader, cell in others.items() if cell}


MATRIX = (
    Information(
        "machines, calendars, load, jobs",
        _PLANT,
        _everybody(Cell("all", _PLANT), Cell("all", _PLANT), Cell("what was offered", _DOCUMENTS)),
    ),
    Information(
        "own products, routings, recipes, press laws",
        (*_RECIPES, *_ENVELOPES),
        _everybody(
            Cell("all", (*_RECIPES, *_ENVELOPES)),
            Cell("family, mass, envelope; more under a read session", _ENVELOPES),
            Cell("the frozen specification", _DOCUMENTS),
        ),
    ),
    Information(
        "sales order: product, quantity, dates", _ORDERS, _everybody(Cell("all", _ORDERS), Cell("all", _ORDERS))
    ),
    Information("customer, selling price, cost", _SELLING, _everybody(Cell("all", _SELLING))),
    Information(
        "capacity offer",
        (*_OFFERS, *_OFFER_PRICE),
        _everybody(
            Cell("all", (*_OFFERS, *_OFFER_PRICE)),
            Cell("all but price", _OFFERS),
            Cell("exact, with price, in the document", (*_DOCUMENTS, *_AGREED)),
            other_member=Cell("band per class, from five firms beside the reader"),
        ),
    ),
    Information(
        "price of an outsource order",
        _AGREED,
        _everybody(Cell("both parties", _AGREED), other_party=Cell("yes", _AGREED)),
    ),
    Information(
        "files of an outsource order",
        _FILES,
        _everybody(Cell("both parties", _FILES), other_party=Cell("yes", _FILES)),
    ),
    Information("quotation before the opening", _QUOTATION, {Reader.OWN_FIRM: Cell("the supplier, all", _QUOTATION)}),
    Information(
        "quotation after the opening",
        _QUOTATION,
        {Reader.OWN_FIRM: Cell("the supplier, all", _QUOTATION), Reader.ROUND_OFFICER: Cell("all", _QUOTATION)},
        opened=True,
    ),
    Information(
        "commitment (kg)",
        _COMMITMENT,
        {Reader.OWN_FIRM: Cell("all", _COMMITMENT), Reader.ROUND_OFFICER: Cell("all", _COMMITMENT)},
    ),
    Information("reserve price", _RESERVE, {Reader.OWN_FIRM: Cell("all", _RESERVE)}),
    Information(
        "awarded resin: the firm's share and price",
        _SHARE,
        {Reader.OWN_FIRM: Cell("own lines", _SHARE), Reader.ROUND_OFFICER: Cell("all", _SHARE)},
    ),
    Information(
        "awarded resin: what a supplier delivers",
        _AWARDED,
        {Reader.OWN_FIRM: Cell("the supplier its own", _AWARDED), Reader.ROUND_OFFICER: Cell("all", _AWARDED)},
    ),
    Information(
        "changes of audit rows: what the association did for the firm",
        _AUDIT,
        {
            Reader.OWN_FIRM: Cell("all", _AUDIT),
            Reader.DISPATCHER: Cell("not on the desk", _AUDIT, on_desk=False),
            Reader.ADMINISTRATOR: Cell("all", _AUDIT),
            Reader.AUDITOR: Cell("all", _AUDIT),
        },
        of_round=False,
    ),
    Information(
        "changes of audit rows: the same in a round (kg, price, who quoted)",
        _AUDIT,
        {Reader.OWN_FIRM: Cell("all", _AUDIT), Reader.ROUND_OFFICER: Cell("not on the desk", _AUDIT, on_desk=False)},
        of_round=True,
    ),
    Information(
        "resin ordered, its part of lots, claims",
        _ORDERED,
        {
            Reader.OWN_FIRM: Cell("own", _ORDERED),
            Reader.OTHER_PARTY: Cell("the supplier, once signed with it", _ORDERED),
            Reader.ROUND_OFFICER: Cell("all", _ORDERED),
        },
    ),
    Information(
        "resin not as specified that a firm is asked to take",
        _ASKED,
        {Reader.OWN_FIRM: Cell("own", _ASKED), Reader.ROUND_OFFICER: Cell("all", _ASKED)},
    ),
    Information(
        "a supplier's agreements, deliveries, lots",
        _SUPPLIED,
        {Reader.OWN_FIRM: Cell("the supplier its own", _SUPPLIED), Reader.ROUND_OFFICER: Cell("all", _SUPPLIED)},
    ),
    Information(
        "invoices, ledger, deposits, savings of resin",
        _OWED,
        {
            Reader.OWN_FIRM: Cell("all", _OWED),
            Reader.ROUND_OFFICER: Cell("all", _OWED),
            Reader.OTHER_PARTY: Cell("the supplier its own invoices", _INVOICED),
        },
    ),
)


def page() -> Iterator[str]:
    """The lines of docs/visibility.md."""
    yield "# Who sees what of a firm"
    yield ""
    yield "Printed by `manage.py visibility` from `mes/park/selectors/visibility.py`; a test reads each cell as its"
    yield "reader, under the roles of the database. A declared interest takes everything of the firm from a person of"
    yield "the association, whatever his office; a read session opens the firm's own products and recipes for hours."
    yield ""
    yield _row("what", *(reader.value for reader in Reader))
    yield _row(*("---" for _ in range(len(Reader) + 1)))
    for information in MATRIX:
        yield _row(information.name, *(information.cell(reader).says for reader in Reader))
    yield ""
    yield "## Statistics"
    yield ""
    yield "A dispatcher sees each order, the declined ones too, and could add them up. The sums of declined orders on"
    yield "the first page are withheld below five firms all the same, or where one firm has more than three fifths:"
    yield "rows stay on the desk, while a statistic is what the association reads out to its members, and no reader of"
    yield "it may learn what one firm turned away. Only a figure that is shown may be passed on."
    yield ""
    yield "The bands of capacity that members read (`/capacity-bands`) rest on published offers, as of the last Monday."
    yield "Each reader knows his own offers: five firms must be left without him, none of them above three fifths, of"
    yield "the sum and of its difference from each that was told in the year. There is no band for prices."
    yield ""
    yield "## Tables"
    yield ""
    yield _row("what", "tables")
    yield _row("---", "---")
    for information in MATRIX:
        yield _row(information.name, ", ".join(f"`{label}`" for label in information.tables))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
