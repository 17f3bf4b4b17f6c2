from django.urls import path

from procurement.quotations.api import imports, views

urlpatterns = [
    path("tenders", views.TendersApi.as_view()),
    path("tenders/<uuid:tender_id>", views.TenderApi.as_view()),
    path("tenders/<uuid:tender_id>/quotation", views.QuotationApi.as_view()),
    path("tenders/<uuid:tender_id>/quotation/seal", views.SealApi.as_view()),
    path("tenders/<uuid:tender_id>/quotation/unseal", views.UnsealApi.as_view()),
    path("tenders/<uuid:tender_id>/quotation/withdraw", views.WithdrawApi.as_view()),
    path("tenders/<uuid:tender_id>/quotation/table", imports.QuotationTableApi.as_view()),
    path("tenders/<uuid:tender_id>/quotation/template", imports.QuotationTemplateApi.as_view()),
]
