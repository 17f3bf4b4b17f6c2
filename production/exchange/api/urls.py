from django.urls import path

from production.exchange.api import views
from production.exchange.services.proposals import proposal_accept, proposal_decline

ACCEPT = "The firm says yes. With the other side's yes it is signed: an outsource order, and the runs confirmed."
DECLINE = "The firm says no: the machine time is released, and the pair is not asked again for this line."

urlpatterns = [
    path("proposals", views.ProposalsApi.as_view()),
    path("proposals/<uuid:proposal_id>", views.ProposalApi.as_view()),
    path("proposals/<uuid:proposal_id>/accept", views.ProposalVerbApi.as_view(verb=proposal_accept, says=ACCEPT)),
    path("proposals/<uuid:proposal_id>/decline", views.ProposalVerbApi.as_view(verb=proposal_decline, says=DECLINE)),
]
