"""The end of a round: claims and one price for all are booked, and nothing is open or lost, not a fen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotAllowedInState
from mes.core.wall import switched
from mes.firms.access import require
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked
from procurement.settlement.choices import Account, DepositStatus, InvoiceStatus, PostingKind
from procurement.settlement.errors import RoundNotSettled
from procurement.settlement.models import Deposit, InvoiceLine
from procurement.settlement.selectors.amounts import split_fen
from procurement.settlement.selectors.ledger import ledger_sums
from procurement.settlement.services.posting import Side, post
from procurement.supply.choices import ClaimStatus, DeliveryStatus, LotStatus
from procurement.supply.models import Claim, Delivery, DeliveryLot, LotAllocation


@transaction.atomic
def round_close(*, actor: Actor, round_id: UUID, now: datetime) -> Round:
    """settling → closed. Raises RoundNotSettled, whose pointer names what is open (deliveries, invoices, claims,
    deposits) or does not add up (ledger); NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "round.close")
    row = round_locked(round_id=round_id)
    check_no_interest(actor=actor, round_id=round_id)
    if row.status != RoundStatus.SETTLING:
        raise NotAllowedInState
    with switched(DatabaseRole.EXCHANGE):
        _check_nothing_open(round_id)
        _book_claims(round_id, now)
        _balance(round_id, now)
        if not ledger_sums(round_id).are_zero:
            raise RoundNotSettled(_("The ledger does not sum to zero."), pointer="/ledger")
    return round_moved(actor=actor, row=row, to=RoundStatus.CLOSED, now=now)


def _check_nothing_open(round_id: UUID) -> None:
    over = [DeliveryStatus.SETTLED, DeliveryStatus.CANCELLED]
    if (
        Delivery.objects.filter(agreement__line__round_id=round_id).exclude(status__in=over).exists()
        or DeliveryLot.objects.filter(
            delivery__agreement__line__round_id=round_id, delivery__status=DeliveryStatus.SETTLED,
            status=LotStatus.QUARANTINED,
        ).exists()
    ):  # fmt: skip
        raise RoundNotSettled(_("A delivery or a lot is not decided."), pointer="/deliveries")
    settled = InvoiceLine.objects.filter(live=True, invoice__status=InvoiceStatus.SETTLED).values("part_id")
    if LotAllocation.objects.filter(order__line__round_id=round_id).exclude(pk__in=settled).exists():
        raise RoundNotSettled(_("Not all that was accepted is invoiced and settled."), pointer="/invoices")
    if Claim.objects.filter(round_id=round_id, status=ClaimStatus.OPEN).exists():
        raise RoundNotSettled(_("A claim is open."), pointer="/claims")
    if Deposit.objects.filter(order__line__round_id=round_id, status=DepositStatus.HELD).exists():
        raise RoundNotSettled(_("A deposit is held."), pointer="/deposits")


def _book_claims(round_id: UUID, now: datetime) -> None:
    """What a supplier pays for a claim is less owed to it."""
    claims = Claim.objects.filter(round_id=round_id, status=ClaimStatus.SETTLED, firm__isnull=False)
    for claim in claims.order_by("pk"):
        assert claim.firm_id is not None  # filtered above
        paid = claim.settled_fen or 0
        post(
            firm_id=claim.firm_id,
            round_id=round_id,
            kind=PostingKind.CLAIM,
            key=f"claim/{claim.pk}",
            now=now,
            sides={Side(Account.PAYABLE, claim.supplier_id): paid, Side(Account.GOODS): -paid},
            note=claim.kind,
        )


def _balance(round_id: UUID, now: datetime) -> None:
    """All firms pay one price on a line of the award: who got the dearer supplier's resin gets back, who the cheaper
    one's pays, by what was accepted. What was called off later has its own price.
    """
    paid: dict[UUID, dict[UUID, tuple[int, int]]] = {}
    lines = InvoiceLine.objects.filter(invoice__round_id=round_id, live=True, part__order__allocation__isnull=False)
    for line in lines.select_related("part__order").order_by("firm_id", "pk"):
        of_line = paid.setdefault(line.part.order.line_id, {})
        kg, fen = of_line.get(line.firm_id, (0, 0))
        of_line[line.firm_id] = kg + line.part.kg, fen + line.net_fen - (line.net_difference_fen or 0)
    for line_id, of_line in sorted(paid.items()):
        even = split_fen(sum(fen for _kg, fen in of_line.values()), [kg for kg, _fen in of_line.values()])
        for (firm_id, (_kg, fen)), part in zip(of_line.items(), even, strict=True):
            sides = {Side(Account.GOODS): part - fen, Side(Account.ASSOCIATION): fen - part}
            post(
                firm_id=firm_id, round_id=round_id, kind=PostingKind.BALANCING, key=f"balancing/{line_id}", now=now,
                sides=sides,
            )  # fmt: skip
