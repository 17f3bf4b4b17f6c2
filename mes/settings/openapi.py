"""How the schema of the API is generated and shown. What it says comes from the doors themselves."""

from __future__ import annotations

from typing import Any

TAGS = {
    "me": "Who the caller is, and what the key may do.",
    "changes": "What has become otherwise for the firm.",
    "webhooks": "Addresses of the firm that are told of changes.",
    "keys": "Keys of the firm's programs.",
    "people": "The firm's own people, their roles, and codes that let them in.",
    "jobs": "What a worker does for the firm: many items at once.",
    "files": "Drawings, certificates and photos that the firm keeps here.",
    "catalogue": "Products, the park's and the firm's own, and the classes of machines.",
    "orders": "Sales orders: from the draft to the delivery.",
    "machines": "Machines, what their runs share, when they work, and the capacity that the firm offers to the others.",
    "plans": "The firm's part of the plan, and plans of the firm alone.",
    "rounds": "Pooled buying of resin: rounds, what the firm commits to, and who is qualified to supply.",
    "tenders": "Requests for quotations, and what a supplier quotes, sealed until the opening.",
    "exchange": "Work between members: proposals, and what was signed.",
    "export": "All that is kept of the firm, to take along.",
    "oversight": "Who of the association read what is otherwise closed of the firm, and why.",
    "floor": "What the shop floor reports.",
}
DESCRIPTION = """\
For programs of member firms. A firm reaches its own rows only: what is another's is 404, with the body of what does not
exist. Bodies are read strictly. Money, mass and fractions are texts of decimals; times carry their offset. An answer of
400 or more has changed nothing."""

# One name for each set of choices, wherever it stands.
ENUMS = {
    "BatchState": "mes.batches.choices.BatchState",
    "AcceptMode": "production.machines.choices.AcceptMode",
    "Consent": "orders.sales.choices.Consent",
    "DeliveryFailure": "mes.hooks.choices.Failure",
    "DeliveryState": "mes.hooks.choices.DeliveryState",
    "DeclineReason": "orders.sales.choices.DeclineReason",
    "EndpointDisabledBecause": "mes.hooks.choices.DisabledBecause",
    "EndpointStatus": "mes.hooks.choices.EndpointStatus",
    "EndpointSwitch": "mes.hooks.choices.SWITCH",
    "FirmRole": "mes.firms.choices.ROLES_OF_A_FIRM",
    "MachineKind": "mes.catalog.choices.MachineKind",
    "MachineStatus": "production.machines.choices.MachineStatus",
    "MaterialFrom": "production.machines.choices.MaterialFrom",
    "OfferStatus": "production.machines.choices.OfferStatus",
    "OrderOrigin": "orders.sales.choices.OrderOrigin",
    "OrderStatus": "orders.sales.choices.OrderStatus",
    "OutsourceStatus": "orders.outsourcing.choices.OutsourceStatus",
    "PlanRunState": "production.plans.choices.PlanRunState",
    "PlanScope": "production.plans.choices.PlanScope",
    "PlanState": "orders.sales.choices.PlanState",
    "PoolKind": "production.machines.choices.PoolKind",
    "PoolStatus": "production.machines.choices.PoolStatus",
    "Process": "mes.catalog.choices.Process",
    "PromiseStatus": "production.plans.choices.PromiseStatus",
    "ProposalStatus": "production.plans.choices.ProposalStatus",
    "Role": "mes.firms.choices.Role",
    "RunStatus": "production.plans.choices.RunStatus",
    "Side": "orders.outsourcing.choices.Side",
    "BreakKind": "procurement.quotations.choices.BreakKind",
    "ShareAnswer": "procurement.awards.choices.Answer",
    "ShareOutcome": "procurement.awards.choices.Outcome",
    "ShareStatus": "procurement.awards.choices.SHARE_STATUSES",
    "ResinClaimKind": "procurement.supply.choices.ClaimKind",
    "ResinClaimStatus": "procurement.supply.choices.ClaimStatus",
    "ConcessionStatus": "procurement.supply.choices.ConcessionStatus",
    "ResinDeliveryStatus": "procurement.supply.choices.DeliveryStatus",
    "ResinLotStatus": "procurement.supply.choices.LotStatus",
    "ResinOrderStatus": "procurement.supply.choices.OrderStatus",
    "ResinProperty": "procurement.supply.choices.Property",
    "ResinVerdict": "procurement.supply.choices.Verdict",
    "WeightBasis": "procurement.supply.choices.WeightBasis",
    "CommitmentStatus": "procurement.rounds.choices.CommitmentStatus",
    "DeliveryBasis": "procurement.quotations.choices.DeliveryBasis",
    "ProgressBand": "procurement.rounds.choices.ProgressBand",
    "QualificationStatus": "procurement.suppliers.choices.QualificationStatus",
    "QuotationStatus": "procurement.quotations.choices.QuotationStatus",
    "RoundMode": "procurement.rounds.choices.RoundMode",
    "RoundStatus": "procurement.rounds.choices.RoundStatus",
    "Silence": "procurement.rounds.choices.Silence",
    "StepClock": "mes.catalog.choices.StepClock",
    "TenderStatus": "procurement.quotations.choices.TenderStatus",
}

SPECTACULAR: dict[str, Any] = {
    "TITLE": "Park MES",
    "DESCRIPTION": DESCRIPTION,
    "VERSION": "1",
    "OAS_VERSION": "3.0.3",
    "TAGS": [{"name": name, "description": text} for name, text in TAGS.items()],
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_NAME_OVERRIDES": ENUMS,
    "ENUM_SUFFIX": "",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Everything the pages load comes from the application itself.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "validatorUrl": None},
}
