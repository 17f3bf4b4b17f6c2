"""The access table: who may do what. One place, for every door.

A verb is `<object>.<act>`. Besides the role, the object must be the actor's firm's; of a document of two firms, the
party that the verb belongs to must be. `can` reads whose it is from the model's tenancy class, and row-level security
stands behind it. No service decides it by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from django.db.models import Model

from mes.core.actors import Actor
from mes.core.errors import DomainError, NotFound, NotPermitted
from mes.core.walls import tenancy_of
from mes.firms.choices import ASSOCIATION_ROLES, SUPPLIER_ROLES, Role

_FIRM_HEADS = frozenset({Role.OWNER, Role.SUPPLIER})
_HEADS = _FIRM_HEADS | {Role.ADMINISTRATOR}
_STAFF_PLANS = frozenset({Role.ADMINISTRATOR, Role.DISPATCHER})
_FIRM_PLANS = frozenset({Role.OWNER, Role.PLANNER})
_FIRM_FLOOR = frozenset({Role.OWNER, Role.PLANNER, Role.OPERATOR})
_FIRM_BUYS = frozenset({Role.OWNER, Role.BUYER})
_ROUNDS = frozenset({Role.ROUND_OFFICER})

# Whom the association lets see the members' orders, machines and plans. The round officer's affair is the resin.
_DISPATCH = frozenset({Role.ADMINISTRATOR, Role.DISPATCHER, Role.AUDITOR})
_CONTROL = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})

ACCESS: Mapping[str, frozenset[Role]] = {
    "account.unlock": frozenset({Role.ADMINISTRATOR}),
    "second_factor.reset": frozenset({Role.ADMINISTRATOR}),
    "second_factor.confirm": ASSOCIATION_ROLES,
    "second_factor.use": ASSOCIATION_ROLES,
    **dict.fromkeys(
        (
            "firm.create", "supplier.create", "firm.admit", "firm.decline", "firm.suspend", "firm.resume", "firm.leave",
            "data_terms.publish", "data_terms.sign",
        ),
        frozenset({Role.ADMINISTRATOR}),
    ),
    "user.create": _HEADS,
    "user.change": _HEADS,
    "user.invite": _HEADS,
    "declared_interest.declare": ASSOCIATION_ROLES,
    "declared_interest.declare_for": frozenset({Role.ADMINISTRATOR}),
    "declared_interest.end": frozenset({Role.ADMINISTRATOR}),
    "read_session.open": _DISPATCH,
    "read_session.end": _DISPATCH,
    "user.anonymise": frozenset({Role.ADMINISTRATOR}),
    "firm.export": frozenset({Role.OWNER}),
    "api_key.issue": _FIRM_HEADS,
    "api_key.revoke": _FIRM_HEADS,
    "api_key.rotate": _FIRM_HEADS,
    "api_key.change": _FIRM_HEADS,
    "webhook.edit": _FIRM_HEADS,
    **dict.fromkeys(("market_quote.record", "market_quote.void", "benchmark_policy.set"), _ROUNDS),
    "product.create": _FIRM_PLANS,
    "product.change": _FIRM_PLANS,
    "file.store": _FIRM_FLOOR | {Role.BUYER} | SUPPLIER_ROLES,
    "file.drop": _FIRM_FLOOR | {Role.BUYER} | SUPPLIER_ROLES,
    "item_number.set": _FIRM_PLANS,
    "item_number.drop": _FIRM_PLANS,
    "catalogue.edit": _STAFF_PLANS,
    "lot.register": _FIRM_FLOOR | {Role.BUYER},
    "stock.book": _FIRM_FLOOR | {Role.BUYER},
    "sales_order.create": _FIRM_PLANS,
    "sales_order.change": _FIRM_PLANS,
    "sales_order.confirm": _FIRM_PLANS,
    "sales_order.cancel": _FIRM_PLANS,
    "sales_order.decline": _FIRM_PLANS,
    "sales_order.deliver": _FIRM_FLOOR,
    "sales_order.close": _FIRM_PLANS,
    "machine.edit": _FIRM_PLANS,
    "calendar.edit": _FIRM_PLANS,
    "pool.edit": _FIRM_PLANS,
    "capacity_offer.publish": _FIRM_PLANS,
    "capacity_offer.withdraw": _FIRM_PLANS,
    "capacity_band.read": _FIRM_PLANS,
    "plan_run.start": _FIRM_PLANS | _STAFF_PLANS,
    "plan_run.publish": _STAFF_PLANS,
    "plan_run.discard": _STAFF_PLANS,
    "scenario.start": _FIRM_PLANS | _STAFF_PLANS,
    "scenario.discard": _FIRM_PLANS | _STAFF_PLANS,
    "background_job.run": _STAFF_PLANS,
    "auto_approval.set": _FIRM_PLANS,
    "promise.ask": _FIRM_PLANS,
    "promise.reserve": _FIRM_PLANS,
    "promise.release": _FIRM_PLANS,
    "pin.set": _FIRM_PLANS,
    "pin.lift": _FIRM_PLANS,
    "forbidden_machine.set": _FIRM_PLANS,
    "forbidden_machine.lift": _FIRM_PLANS,
    "sequence.set": _FIRM_PLANS,
    "sequence.lift": _FIRM_PLANS,
    "trial.ask": _FIRM_PLANS,
    "trial.accept": _FIRM_PLANS,
    "trial.decline": _FIRM_PLANS,
    "machine_run.approve": _FIRM_PLANS,
    "machine_run.confirm": _FIRM_PLANS,
    "machine_run.start": _FIRM_FLOOR,
    "machine_run.report": _FIRM_FLOOR,
    "machine_run.finish": _FIRM_FLOOR,
    "outsource_file.add": _FIRM_FLOOR | {Role.BUYER},
    "outsource_file.drop": _FIRM_FLOOR | {Role.BUYER},
    "outsource_order.dispatch": _FIRM_FLOOR,
    "outsource_order.receive": _FIRM_FLOOR | {Role.BUYER},
    "proposal.accept": _FIRM_PLANS,
    "proposal.decline": _FIRM_PLANS,
    "qualification.propose": SUPPLIER_ROLES,
    "qualification.decide": _ROUNDS,
    "round.create": _ROUNDS,
    "round.change": _ROUNDS,
    "round.move": _ROUNDS,
    "use_allowance.grant": _ROUNDS,
    **dict.fromkeys(
        ("award.search", "award.override", "award.propose", "award.consent", "award.sign"), _ROUNDS
    ),
    "resin_share.confirm": _FIRM_BUYS,
    "resin_share.opt_out": _FIRM_BUYS,
    **dict.fromkeys(
        (
            "resin_order.sign", "resin_order.call_off", "resin_concession.agree", "resin_concession.decline",
            "resin_claim.open",
        ),
        _FIRM_BUYS,
    ),
    "resin_lot.take_in": _FIRM_FLOOR | {Role.BUYER},
    "resin_claim.withdraw": _FIRM_BUYS | _ROUNDS,
    **dict.fromkeys(
        ("resin_delivery.announce", "resin_delivery.cancel", "resin_delivery.dispute", "resin_lot.certify"),
        SUPPLIER_ROLES,
    ),
    **dict.fromkeys(
        (
            "resin_order.make", "resin_order.cancel", "resin_agreement.change", "resin_delivery.weigh",
            "resin_delivery.settle", "resin_delivery.share", "resin_delivery.end", "resin_lot.decide",
            "resin_concession.ask", "resin_claim.open_for_all", "resin_claim.settle", "resin_limit.set",
        ),
        _ROUNDS,
    ),
    "commitment.put": _FIRM_BUYS,
    "commitment.withdraw": _FIRM_BUYS,
    **dict.fromkeys(("tender.publish", "tender.change", "tender.consent", "tender.open"), _ROUNDS),
    **dict.fromkeys(
        ("quotation.put", "quotation.seal", "quotation.unseal", "quotation.withdraw"), SUPPLIER_ROLES
    ),
    **dict.fromkeys(("invoice.record", "invoice.void"), SUPPLIER_ROLES | _ROUNDS),
    **dict.fromkeys(
        ("invoice.match", "invoice.settle", "fee.book", "deposit.hold", "deposit.end", "round.close",
         "saving.recognise", "saving.tell"), _ROUNDS
    ),
}  # fmt: skip


class Side(StrEnum):
    """Which of a document's two firms. The giver lets work go, the doer takes it over."""

    GIVER = "giver"
    DOER = "doer"


BOTH = frozenset(Side)

# Which side may do a verb to a document of two firms. A verb that is not here does nothing to such a document.
PARTIES: Mapping[str, frozenset[Side]] = {
    "outsource_file.add": BOTH,
    "outsource_file.drop": BOTH,
    "outsource_order.dispatch": frozenset({Side.DOER}),
    "outsource_order.receive": frozenset({Side.GIVER}),
    "proposal.accept": BOTH,
    "proposal.decline": BOTH,
    "resin_claim.withdraw": frozenset({Side.GIVER}),
    "resin_lot.take_in": frozenset({Side.GIVER}),
    "resin_order.sign": frozenset({Side.GIVER}),
}

# Services that write for two parties: after authorising they switch to the exchange's role. So does what reads the
# members' published offers, or their sums, for one of them. Nothing else may.
TWO_PARTY_SERVICES = frozenset(
    {
        "mes.park.services.membership._check_settled",
        "orders.outsourcing.services.files.outsource_file_add",
        "orders.outsourcing.services.files.outsource_file_drop",
        "orders.outsourcing.services.goods.outsource_order_dispatch",
        "orders.outsourcing.services.goods.outsource_order_receive",
        "procurement.quotations.services.opening._opened",
        "procurement.quotations.services.opening._concerned",
        "procurement.quotations.services.interests.interests_of",
        "procurement.quotations.services.tenders.tell_suppliers",
        "procurement.quotations.services.tenders._void_seals",
        "procurement.awards.services.answering._answer",
        "procurement.awards.services.proposing.award_propose",
        "procurement.awards.services.signing._has_collected",
        "procurement.awards.services.signing.award_sign",
        "procurement.benchmarks.services.benchmarks_freeze",
        "procurement.rounds.services.freezing.round_freeze",
        "procurement.supply.services.agreements.agreement_change",
        "procurement.supply.services.certificates.certificate_put",
        "procurement.supply.services.claims._ended",
        "procurement.supply.services.claims.claim_open",
        "procurement.supply.services.claims.claim_open_of_delivery",
        "procurement.supply.services.concessions._answered",
        "procurement.supply.services.concessions.concession_ask",
        "procurement.supply.services.deliveries._check_delivering",
        "procurement.supply.services.deliveries.delivery_cancel",
        "procurement.supply.services.deliveries.delivery_dispute",
        "procurement.supply.services.orders.order_call_off",
        "procurement.supply.services.orders.order_cancel",
        "procurement.supply.services.orders.order_sign",
        "procurement.supply.services.orders.orders_make",
        "procurement.supply.services.sharing.delivery_share",
        "procurement.supply.services.taking_in.lot_take_in",
        "procurement.savings.services.savings_recognise",
        "procurement.savings.services.savings_tell",
        "procurement.settlement.services.closing.round_close",
        "procurement.settlement.services.deposits._ended",
        "procurement.settlement.services.deposits.deposit_hold",
        "procurement.settlement.services.fees.fee_book",
        "procurement.settlement.services.invoices._parts",
        "procurement.settlement.services.invoices.invoice_record",
        "procurement.settlement.services.invoices.invoice_void",
        "procurement.settlement.services.matching.invoice_match",
        "procurement.settlement.services.matching.invoice_settle",
        "procurement.settlement.services.opened.hold_open",
        "production.exchange.services.proposals.proposal_accept",
        "production.exchange.services.proposals.proposal_decline",
        "production.exchange.services.proposals.proposals_expire",
        "production.exchange.services.proposals.proposals_withdraw",
        "production.floor.services.machine_run_start",
        "production.machines.selectors.bands.capacity_bands",
        "production.plans.selectors.promise_board.as_told",
    }
)

# What the association's people see of each model and page on the desk. Private terms and prices are not in it.
STAFF_VIEWS: Mapping[str, frozenset[Role]] = {
    **dict.fromkeys(("firms.firm", "firms.declaredinterest", "firms.dataterms"), ASSOCIATION_ROLES),
    **dict.fromkeys(("firms.readsession", "firms.sessionread"), _DISPATCH),
    **dict.fromkeys(
        (
            "firms.user", "firms.membership", "firms.accountcode", "firms.termssignature", "signin.trycount",
            "signin.secondfactor",
        ),
        frozenset({Role.ADMINISTRATOR}),
    ),
    **dict.fromkeys(
        (
            "catalog.grade", "catalog.material", "catalog.machineclass", "catalog.changeoverfamily",
            "catalog.changeoverrule", "catalog.transporttariff", "catalog.product", "catalog.routing",
            "catalog.routingstep", "catalog.stepoption", "catalog.bomline",
        ),
        ASSOCIATION_ROLES,
    ),
    **dict.fromkeys(
        (
            "catalog.productenvelope", "lots.lot", "sales.salesorder", "sales.salesorderline",
            "sales.salesorderdecline", "sales.lineplacement",
            "sales.linecompletion", "outsourcing.outsourceorder", "outsourcing.outsourcedispatch",
            "outsourcing.outsourcereceipt", "machines.machine", "machines.firmapproval", "machines.shiftpattern",
            "machines.shift", "machines.calendarday", "machines.calendarrule", "machines.overtime",
            "machines.downtime", "machines.frozenbooking", "machines.capacityoffer", "machines.offeredmachine",
            "machines.stockmovement", "machines.pool", "machines.poolneed", "machines.pooldowntime",
            "plans.planrun", "plans.publication", "plans.machinerun", "plans.runpart",
            "plans.plannedlot", "plans.linereason", "plans.lateline", "plans.movedrun", "plans.proposal",
            "plans.promise", "plans.pin", "plans.forbiddenmachine", "plans.sequence", "plans.sequenceline",
            "plans.scenariobase", "plans.scenario", "plans.scenarioline",
            "plans.advice", "plans.advisedrun", "plans.advisedline",
            "floor.productionreport",
        ),
        _DISPATCH,
    ),
    **dict.fromkeys(
        (
            "rounds.round", "rounds.roundline", "rounds.roundmove", "rounds.commitment", "rounds.lockedcommitment",
            "rounds.demandsnapshot", "rounds.useallowance", "suppliers.supplierqualification",
            "quotations.tender", "quotations.tenderline", "quotations.tenderinvitation", "quotations.openingconsent",
            "quotations.quotation", "quotations.quotationline", "quotations.pricebreak",
            "quotations.supplierdiscount",
            "supply.frameworkagreement", "supply.frameworkbalance", "supply.firmorder", "supply.delivery",
            "supply.deliverylot", "supply.certificatevalue", "supply.lotallocation", "supply.concession",
            "supply.claim", "supply.resinlimit",
            "awards.awardsearch", "awards.awardplan", "awards.awardline", "awards.firmshare", "awards.allocation",
            "awards.awardconsent", "benchmarks.benchmark", "benchmarks.benchmarkpolicy", "benchmarks.marketquote",
            "awards.awardconsent",
            "settlement.invoice", "settlement.invoiceline", "settlement.fee", "settlement.deposit",
            "settlement.posting", "settlement.ledgerentry", "savings.savingline", "savings.roundsaving",
            "desk.savings",
        ),
        _ROUNDS,
    ),
    "desk.gantt": _DISPATCH,
    "desk.new_scenario": _STAFF_PLANS,
    **dict.fromkeys(("core.backgroundjob", "core.routine", "desk.scheduled_jobs"), ASSOCIATION_ROLES),
    **dict.fromkeys(("core.auditrow", "core.outboxevent"), _CONTROL),
}  # fmt: skip


def can(actor: Actor, verb: str, obj: Model | None = None) -> bool:
    """Whether the actor may do `verb`, and, where `obj` is given, to this object.

    The system may do every verb, for scheduled work has no person behind it, but for what one party of a document does
    by hand.
    """
    return _refusal(actor, verb, obj) is None


def require(actor: Actor, verb: str, obj: Model | None = None) -> None:
    """Raises NotFound when the object is other firms' or one's from which the actor is barred, NotPermitted when the
    actor's roles lack the verb, it is the other party's or the association's own.
    """
    refusal = _refusal(actor, verb, obj)
    if refusal is not None:
        raise refusal


def required_firm(actor: Actor, verb: str) -> UUID:
    """The actor's own firm, for which he does `verb`. Raises NotPermitted, also where he has none."""
    require(actor, verb)
    if actor.firm_id is None:
        raise NotPermitted
    return actor.firm_id


def side_of(actor: Actor, document: Model) -> Side | None:
    """On which side of a document of two firms the actor stands, None for who acts for neither."""
    if actor.firm_id is None:
        return None
    return dict(zip(_owners(document), Side, strict=True)).get(actor.firm_id)


def sees_members(roles: frozenset[str]) -> bool:
    """Whether somebody with `roles` looks at the members' affairs: without, the database hides rows of firms."""
    return bool(_DISPATCH & roles)


def sees_rounds(roles: frozenset[str]) -> bool:
    """Whether somebody with `roles` sees what each firm wants of a round."""
    return Role.ROUND_OFFICER in roles


def may_see_model(roles: frozenset[str], *, verb: str, model: str) -> bool:
    """Whether somebody with `roles` may do `verb` (view, add, change, delete) to a model in the admin."""
    return verb == "view" and bool(STAFF_VIEWS.get(model, frozenset()) & roles)


def _refusal(actor: Actor, verb: str, obj: Model | None) -> type[DomainError] | None:
    roles, owners = ACCESS[verb], () if obj is None else _owners(obj)
    if not actor.barred_firms.isdisjoint(owners):
        return NotFound
    if actor.firm_id is not None and any(owners) and actor.firm_id not in owners:
        return NotFound
    if not actor.is_system and not roles & actor.roles:
        return NotPermitted
    if obj is not None and len(owners) == len(Side):
        is_theirs = PARTIES[verb] == BOTH if actor.is_system else side_of(actor, obj) in PARTIES[verb]
        return None if is_theirs else NotPermitted
    is_the_associations = obj is not None and not any(owners)
    return NotPermitted if is_the_associations and actor.firm_id is not None else None


def _owners(obj: Model) -> tuple[UUID | None, ...]:
    """The firm of a row, the giver and the doer of a document of two; None or nothing where it is the association's."""
    tenancy = tenancy_of(obj.__class__)  # a request's person is wrapped, and has another type
    columns = tenancy.firm_columns or ("firm_id",)  # of rows that may be the association's too no wall is made
    return tuple(getattr(obj, column, None) for column in columns)
