from django.urls import path

from procurement.awards.api import views

urlpatterns = [
    path("rounds/<uuid:round_id>/shares", views.RoundSharesApi.as_view()),
    path("resin-shares/<uuid:share_id>", views.ResinShareApi.as_view()),
    path("resin-shares/<uuid:share_id>/confirm", views.ConfirmApi.as_view()),
    path("resin-shares/<uuid:share_id>/opt-out", views.OptOutApi.as_view()),
    path("resin-awards", views.ResinAwardsApi.as_view()),
    path("resin-awards/<uuid:award_id>", views.ResinAwardApi.as_view()),
]
