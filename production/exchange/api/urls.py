from django.urls import path

from production.exchange.api import views
from production.exchange.services.proposals import proposal_accept, proposal_decline

urlpatterns = [
    path("proposals", views.ProposalsApi.as_view()),
    path("proposals/<uuid:proposal_id>", views.ProposalApi.as_view()),
    path("proposals/<uuid:proposal_id>/accept", views.ProposalVerbApi.as_view(verb=proposal_accept)),
    path("proposals/<uuid:proposal_id>/decline", views.ProposalVerbApi.as_view(verb=proposal_decline)),
]
