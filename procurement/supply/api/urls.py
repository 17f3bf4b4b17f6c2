from django.urls import path

from procurement.supply.api import buying, supplying

urlpatterns = [
    path("resin-agreements", buying.AgreementsApi.as_view()),
    path("resin-agreements/<uuid:agreement_id>", buying.AgreementApi.as_view()),
    path("resin-agreements/<uuid:agreement_id>/deliveries", supplying.AnnounceApi.as_view()),
    path("resin-orders", buying.OrdersApi.as_view()),
    path("resin-orders/<uuid:order_id>", buying.OrderApi.as_view()),
    path("resin-orders/<uuid:order_id>/sign", buying.SignApi.as_view()),
    path("resin-lots", buying.LotsApi.as_view()),
    path("resin-lots/<uuid:lot_id>", buying.LotApi.as_view()),
    path("resin-lots/<uuid:lot_id>/take-in", buying.TakeInApi.as_view()),
    path("resin-concessions", buying.ConcessionsApi.as_view()),
    path("resin-concessions/<uuid:concession_id>", buying.ConcessionApi.as_view()),
    path("resin-concessions/<uuid:concession_id>/agree", buying.AgreeApi.as_view()),
    path("resin-concessions/<uuid:concession_id>/decline", buying.DeclineApi.as_view()),
    path("resin-claims", buying.ClaimsApi.as_view()),
    path("resin-claims/<uuid:claim_id>", buying.ClaimApi.as_view()),
    path("resin-claims/<uuid:claim_id>/withdraw", buying.WithdrawClaimApi.as_view()),
    path("resin-deliveries", supplying.DeliveriesApi.as_view()),
    path("resin-deliveries/<uuid:delivery_id>", supplying.DeliveryApi.as_view()),
    path("resin-deliveries/<uuid:delivery_id>/cancel", supplying.CancelApi.as_view()),
    path("resin-deliveries/<uuid:delivery_id>/dispute", supplying.DisputeApi.as_view()),
    path("resin-delivery-lots/<uuid:lot_id>", supplying.DeliveryLotApi.as_view()),
    path("resin-delivery-lots/<uuid:lot_id>/certify", supplying.CertifyApi.as_view()),
]
