from django.urls import path

from procurement.settlement.api import views

urlpatterns = [
    path("resin-invoices", views.InvoicesApi.as_view()),
    path("resin-invoices/<uuid:invoice_id>", views.InvoiceApi.as_view()),
    path("resin-invoices/<uuid:invoice_id>/void", views.VoidApi.as_view()),
    path("rounds/<uuid:round_id>/statement", views.StatementApi.as_view()),
    path("rounds/<uuid:round_id>/statement/table", views.StatementTableApi.as_view()),
    path("rounds/<uuid:round_id>/statement/pdf", views.StatementPaperApi.as_view()),
]
