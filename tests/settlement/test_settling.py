"""A round's settlement: invoices matched, fees and one price booked, and a ledger without a fen too much."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.ids import new_id
from procurement.settlement import services
from procurement.settlement.choices import Account
from procurement.settlement.errors import RoundNotSettled
from procurement.settlement.models import LedgerEntry
from procurement.settlement.selectors.ledger import LedgerSums, ledger_sums
from procurement.supply.models import Claim, Delivery
from tests.database import as_owner
from tests.factories.rounds import an_officer
from tests.settlement.work import LATER, Settling, a_settling_round, act, settled

pytestmark = pytest.mark.django_db
RIGHT = LedgerSums(0, 0, 0, 0)


@pytest.fixture
def found(db: None) -> Settling:
    return a_settling_round()


def sum_of(found: Settling, account: Account, firm: str | None = None) -> int:
    with as_owner():
        rows = LedgerEntry.objects.filter(posting__round_id=found.pk, account=account)
        if firm is not None:
            rows = rows.filter(firm=found.opened.firms[firm])
        return sum(rows.values_list("fen", flat=True))


def sums(found: Settling) -> LedgerSums:
    with as_owner():
        return ledger_sums(found.pk)


def refusal(actor: Any, service: Any, **given: Any) -> Any:
    with pytest.raises((InvalidValue, NotAllowedInState, NotFound, NotPermitted, RoundNotSettled)) as refused:
        act(actor, service, **given)
    return refused.value


def test_an_invoice_as_agreed_is_matched_at_once_and_booked_when_settled(found: Settling) -> None:
    invoice = found.invoiced("F02", "S1")
    assert invoice.status == "matched"
    act(an_officer(), services.invoice_settle, invoice_id=invoice.pk)
    assert sum_of(found, Account.GOODS, "F02") == 6_860_000
    assert sum_of(found, Account.INPUT_VAT, "F02") == 891_800
    assert sum_of(found, Account.PAYABLE, "F02") == -7_751_800
    again = refusal(an_officer(), services.invoice_settle, invoice_id=invoice.pk)
    assert isinstance(again, NotAllowedInState)


def test_a_rounding_difference_is_booked_and_a_larger_one_disputed(found: Settling) -> None:
    near = found.invoiced("F02", "S1", net_fen=6_860_006, vat_fen=891_801)
    act(an_officer(), services.invoice_settle, invoice_id=near.pk)
    assert sum_of(found, Account.GOODS, "F02") == 6_860_000
    assert sum_of(found, Account.ROUNDING, "F02") == 6
    far = found.invoiced("F01", "S1", net_fen=9_900_000, vat_fen=1_287_000)
    assert far.status == "disputed"
    with as_owner():
        assert far.lines.get().findings == ["price"]
    assert isinstance(refusal(an_officer(), services.invoice_settle, invoice_id=far.pk), NotAllowedInState)
    act(found.seller("S1"), services.invoice_void, invoice_id=far.pk, reason="红字冲回")
    assert found.invoiced("F01", "S1").status == "matched"


def test_an_invoice_waits_for_a_weight_that_is_not_settled() -> None:
    found = a_settling_round(waits_for="S2")
    invoice = found.invoiced("F03", "S2")
    assert invoice.status == "received"
    assert isinstance(refusal(an_officer(), services.invoice_match, invoice_id=invoice.pk), NotAllowedInState)
    with as_owner():
        Delivery.objects.filter(pk=found.deliveries["S2"].pk).update(status="settled")
    assert act(an_officer(), services.invoice_match, invoice_id=invoice.pk).status == "matched"


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"number": " "}, "/number"),
        ({"kg": 0}, "/lines/0/kg"),
        ({"net_fen": 0}, "/lines/0/net_fen"),
        ({"vat_permille": 501}, "/lines/0/vat_permille"),
        ({"vat_fen": -1}, "/lines/0/vat_fen"),
    ],
)
def test_what_is_wrong_with_an_invoice_is_named(found: Settling, said: dict[str, Any], pointer: str) -> None:
    draft = found.draft("F01", "S1", **said)
    assert refusal(found.seller("S1"), services.invoice_record, draft=draft).pointer == pointer


def test_a_part_and_a_number_are_invoiced_once_and_only_by_their_supplier(found: Settling) -> None:
    found.invoiced("F01", "S1", number="N1")
    record = services.invoice_record
    assert refusal(found.seller("S1"), record, draft=found.draft("F01", "S1")).pointer == "/lines/0/part_id"
    assert refusal(found.seller("S1"), record, draft=found.draft("F02", "S1", number="N1")).pointer == "/number"
    assert refusal(found.seller("S1"), record, draft=found.draft("F03", "S2")).pointer == "/lines/0/part_id"
    two = services.InvoiceDraft(
        "N2", found.draft("F02", "S1").issued_on,
        (found.draft("F02", "S1").lines[0], found.draft("F05", "S1").lines[0]),
    )  # fmt: skip
    assert refusal(found.seller("S1"), record, draft=two).pointer == "/lines/1/part_id"
    assert isinstance(refusal(found.opened.buyer("F01"), record, draft=two), NotPermitted)


def test_a_fee_is_passed_on_to_the_fen_and_once(found: Settling) -> None:
    act(an_officer(), services.fee_book, round_id=found.pk, kind="inspection", fen=100_001, reference="SGS-1")
    assert sum_of(found, Account.FEES) == 100_001
    assert sums(found) == RIGHT
    again = refusal(
        an_officer(), services.fee_book, round_id=found.pk, kind="inspection", fen=5, reference="SGS-1"
    )  # fmt: skip
    assert again.pointer == "/reference"
    unknown = refusal(an_officer(), services.fee_book, round_id=found.pk, kind="margin", fen=5, reference="X")
    assert unknown.pointer == "/kind"


def test_a_round_closes_when_nothing_is_open_and_all_pay_one_price(found: Settling) -> None:
    close = services.round_close
    assert refusal(an_officer(), close, round_id=found.pk).pointer == "/invoices"
    settled(found)
    order = found.orders["F04", "S2"]
    deposit = act(an_officer(), services.deposit_hold, order_id=order.pk, fen=100_000)
    assert refusal(an_officer(), close, round_id=found.pk).pointer == "/deposits"
    act(an_officer(), services.deposit_apply, deposit_id=deposit.pk)
    with as_owner():
        claim = Claim.objects.create(
            firm=order.firm, supplier=order.supplier, seller=order.seller, round_id=found.pk, order=order,
            kind="late", kg=100, amount_fen=5_000, reason="迟交",
        )  # fmt: skip
    assert refusal(an_officer(), close, round_id=found.pk).pointer == "/claims"
    with as_owner():
        Claim.objects.filter(pk=claim.pk).update(status="settled", settled_fen=4_000, ended_at=LATER)
    act(an_officer(), services.fee_book, round_id=found.pk, kind="bank", fen=7, reference="B1")
    assert act(an_officer(), close, round_id=found.pk).status == "closed"
    assert sums(found) == RIGHT
    goods = {firm: sum_of(found, Account.GOODS, firm) for firm in ("F01", "F02", "F03", "F05", "F06")}
    kg = {"F01": 15_025, "F02": 7_000, "F03": 3_000, "F05": 4_000, "F06": 6_000}
    price = (27_000 * 980_000_000 + 16_025 * 1_003_333_000) / 43_025
    assert all(abs(goods[firm] - kg[firm] * price / 1_000_000) <= 1.5 for firm in kg)
    assert sum_of(found, Account.PAYABLE, "F04") == -round(8_026_664 * 1.13) + 100_000 + 4_000
    assert isinstance(refusal(an_officer(), close, round_id=found.pk), NotAllowedInState)
    late = refusal(found.seller("S1"), services.invoice_record, draft=found.draft("F01", "S1"))
    assert isinstance(late, NotAllowedInState)


def test_deposits_are_a_fifth_at_most_and_end_once(found: Settling) -> None:
    order = found.orders["F02", "S1"]
    hold = services.deposit_hold
    first = act(an_officer(), hold, order_id=order.pk, fen=1_000_000)
    assert refusal(an_officer(), hold, order_id=order.pk, fen=372_001).pointer == "/fen"
    act(an_officer(), hold, order_id=order.pk, fen=372_000)
    act(an_officer(), services.deposit_refund, deposit_id=first.pk)
    assert sum_of(found, Account.CASH, "F02") == -372_000
    again = refusal(an_officer(), services.deposit_forfeit, deposit_id=first.pk, reason="未提货")
    assert isinstance(again, NotAllowedInState)
    assert isinstance(refusal(an_officer(), hold, order_id=new_id(), fen=1), NotFound)


def test_raw_sql_changes_nothing_that_is_booked_and_books_nothing_lopsided(found: Settling) -> None:
    settled(found)
    for statement in (
        "UPDATE settlement_ledgerentry SET fen = fen + 1",
        "DELETE FROM settlement_ledgerentry",
        "UPDATE settlement_posting SET note = 'x'",
        "UPDATE settlement_invoice SET net_fen = net_fen + 1, gross_fen = gross_fen + 1",
        "UPDATE settlement_invoiceline SET kg = kg + 1",
        "UPDATE settlement_invoice SET status = 'received'",
        "SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO settlement_ledgerentry (id, firm_id, posting_id, account, fen)"
        " SELECT gen_random_uuid(), firm_id, id, 'cash', 1 FROM settlement_posting LIMIT 1",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), as_owner(), connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
