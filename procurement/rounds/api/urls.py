from django.urls import path

from procurement.rounds.api import views

urlpatterns = [
    path("rounds", views.RoundsApi.as_view()),
    path("rounds/<uuid:round_id>", views.RoundApi.as_view()),
    path("rounds/<uuid:round_id>/lines/<int:number>/commitment", views.LineCommitmentApi.as_view()),
    path("commitments", views.CommitmentsApi.as_view()),
    path("commitments/<uuid:commitment_id>", views.CommitmentApi.as_view()),
]
