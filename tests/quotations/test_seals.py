"""The walls of time in the database itself: what raw SQL does not get past, as its owner or in any role."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.models import Firm
from procurement.quotations.models import Quotation, Tender
from tests.database import as_owner
from tests.isolation.questions import DENIED, asked
from tests.quotations.work import OPENS_AT, a_draft, change, consent, officer_named, open_it, put, seal
from tests.rounds.work import the_time_is

DIGEST = "'" + "a" * 64 + "'"
SEALED = f"status = 'sealed', sealed_at = now(), sealed_sha256 = {DIGEST}"
OF_QUOTATIONS = "UPDATE quotations_quotation SET "


def refused(statement: str, *parameters: Any) -> str:
    """The name of the constraint, or the words, with which the owner is refused."""
    with pytest.raises(IntegrityError) as raised, transaction.atomic(), as_owner(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    cause: Any = raised.value.__cause__
    return str(cause.diag.constraint_name or cause.diag.message_primary)


def test_nothing_is_written_or_sealed_outside_its_time(tender: Tender, suppliers: list[Firm]) -> None:
    row = put(suppliers[0], tender)
    closed = "quotation_while_request_is_open"
    the_time_is(OPENS_AT)
    assert refused(OF_QUOTATIONS + SEALED) == closed
    assert refused(OF_QUOTATIONS + "status = 'withdrawn'") == closed
    assert refused(OF_QUOTATIONS + "payment_days = 5") == closed
    assert refused("DELETE FROM quotations_pricebreak") == closed
    assert refused(
        "INSERT INTO quotations_supplierdiscount (id, supplier_id, quotation_id, from_kg, permille)"
        " VALUES (gen_random_uuid(), %s, %s, 5, 5)",
        row.supplier_id, row.pk,
    ) == closed  # fmt: skip


def test_what_is_sealed_does_not_change(tender: Tender, suppliers: list[Firm]) -> None:
    put(suppliers[0], tender)
    seal(suppliers[0], tender)
    part, terms = "part_while_quotation_is_draft", "terms_while_quotation_is_draft"
    assert refused(OF_QUOTATIONS + "payment_days = 5") == terms
    assert refused(OF_QUOTATIONS + "status = 'draft', freight_fen_per_t = 5") == terms
    assert refused(OF_QUOTATIONS + f"sealed_sha256 = {DIGEST}") == "seal_changes_with_its_state"
    assert refused(OF_QUOTATIONS + f"status = 'invalidated', sealed_sha256 = {DIGEST}") == "seal_changes_with_its_state"
    assert refused("DELETE FROM quotations_pricebreak") == part
    assert refused("UPDATE quotations_pricebreak SET price_fen_per_t = 1") == part
    assert refused("UPDATE quotations_quotationline SET capacity_kg = capacity_kg + 25") == part


def test_a_part_is_put_anew_and_a_quotation_stays_where_it_is(tender: Tender, suppliers: list[Firm]) -> None:
    put(suppliers[0], tender)
    assert refused("UPDATE quotations_pricebreak SET price_fen_per_t = 1").startswith("a part of a quotation")
    moved = refused(OF_QUOTATIONS + "supplier_id = %s", suppliers[1].pk)
    assert moved.startswith("a quotation stays")
    begun = refused(
        "INSERT INTO quotations_quotation (id, supplier_id, tender_id, tender_revision, status, sealed_at,"
        " sealed_sha256, valid_until, payment_days, with_vat, vat_permille, basis, freight_fen_per_t)"
        f" VALUES (gen_random_uuid(), %s, %s, 1, 'sealed', now(), {DIGEST}, '2026-09-01', 0, true, 0, 'delivered', 0)",
        suppliers[1].pk, tender.pk,
    )  # fmt: skip
    assert begun.startswith("a quotation begins")


def test_a_seal_is_for_the_present_conditions(tender: Tender, suppliers: list[Firm]) -> None:
    put(suppliers[0], tender)
    change(tender, payment_days=9)
    assert refused(OF_QUOTATIONS + SEALED) == "quotation_sealed_for_the_present_conditions"


def test_nothing_is_opened_before_its_request_and_that_not_before_two_after_its_close(
    tender: Tender, suppliers: list[Firm]
) -> None:
    put(suppliers[0], tender)
    seal(suppliers[0], tender)
    before, first = "quotation_opened_with_its_request", "part_opened_with_its_quotation"
    by_two = "request_opened_by_two_after_its_close"
    opens = "UPDATE quotations_tender SET opened_at = closes_at"
    for moment in (None, OPENS_AT):
        if moment is not None:
            the_time_is(moment)
        assert refused(OF_QUOTATIONS + "status = 'opened', opened_at = now()") == before
        assert refused(OF_QUOTATIONS + "status = 'opened'") == before
        for table in ("quotationline", "pricebreak"):
            assert refused(f"UPDATE quotations_{table} SET opened_at = now()") == first
        assert refused(opens) == by_two
    consent(officer_named("first"), tender)
    assert refused(opens) == by_two


def test_an_opened_request_and_what_it_opened_stand(tender: Tender, suppliers: list[Firm]) -> None:
    put(suppliers[0], tender)
    seal(suppliers[0], tender)
    put(suppliers[1], tender)
    the_time_is(OPENS_AT)
    for name in ("first", "second"):
        consent(officer_named(name), tender)
    open_it(officer_named("first"), tender)
    assert refused("UPDATE quotations_tender SET opened_at = opened_at + interval '1 s'").startswith("an opened")
    assert refused("UPDATE quotations_tender SET revision = 9").startswith("an opened")
    only = " WHERE status = 'opened'"
    assert refused(OF_QUOTATIONS + "payment_days = 5" + only) == "terms_while_quotation_is_draft"
    assert refused(OF_QUOTATIONS + "status = 'lost', opened_at = NULL" + only) == "quotation_opened_with_its_request"
    assert refused(OF_QUOTATIONS + SEALED + " WHERE status = 'draft'") == "quotation_while_request_is_open"


def test_the_close_moves_later_only(tender: Tender) -> None:
    earlier = "UPDATE quotations_tender SET closes_at = closes_at - interval '1 s'"
    assert refused(earlier) == "request_close_moves_later_only"


def test_each_role_reaches_what_is_its_own(tender: Tender, suppliers: list[Firm]) -> None:
    row = put(suppliers[0], tender, a_draft())
    seal(suppliers[0], tender)
    everything = "UPDATE quotations_quotation SET payment_days = payment_days"
    with wall(DatabaseRole.STAFF):
        assert asked("SELECT count(*) FROM quotations_quotation") == 0
        assert DENIED in str(asked(everything))
        assert DENIED in str(asked("DELETE FROM quotations_quotation"))
    with wall(DatabaseRole.FIRM, suppliers[1].pk):
        assert asked("SELECT count(*) FROM quotations_quotation") == 0
        assert asked(everything) == 0
        assert asked("DELETE FROM quotations_pricebreak") == 0
    with wall(DatabaseRole.FIRM, suppliers[0].pk):
        assert DENIED in str(asked("DELETE FROM quotations_quotation"))
        assert DENIED in str(asked("UPDATE quotations_tender SET revision = 2"))
        voided = str(asked(OF_QUOTATIONS + "status = 'invalidated' WHERE id = %s", [row.pk]))
        assert voided.startswith("a supplier neither opens")
    with wall(DatabaseRole.EXCHANGE):
        assert "opened before its request" in str(asked(OF_QUOTATIONS + "status = 'opened', opened_at = now()"))
    with wall(DatabaseRole.FIRM, suppliers[0].pk):
        assert Quotation.objects.get().status == "sealed"
