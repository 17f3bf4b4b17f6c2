from django.urls import path

from orders.outsourcing.api import views

urlpatterns = [
    path("outsource-orders", views.OutsourceOrdersApi.as_view()),
    path("outsource-orders/<uuid:order_id>", views.OutsourceOrderApi.as_view()),
    path("outsource-orders/<uuid:order_id>/dispatch", views.DispatchApi.as_view()),
    path("outsource-orders/<uuid:order_id>/receive", views.ReceiveApi.as_view()),
]
