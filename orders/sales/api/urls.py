from django.urls import path

from orders.sales import services
from orders.sales.api import views

VERBS = {
    "confirm": services.sales_order_confirm,
    "cancel": services.sales_order_cancel,
    "deliver": services.sales_order_deliver,
    "close": services.sales_order_close,
}

urlpatterns = [
    path("sales-orders", views.SalesOrdersApi.as_view()),
    path("sales-orders/<uuid:order_id>", views.SalesOrderApi.as_view()),
    path("sales-orders/<uuid:order_id>/lines", views.SalesOrderLinesApi.as_view()),
    path("sales-orders/<uuid:order_id>/decline", views.SalesOrderDeclineApi.as_view()),
    path("sales-order-lines/<uuid:line_id>", views.SalesOrderLineApi.as_view()),
    *(
        path(f"sales-orders/<uuid:order_id>/{name}", views.SalesOrderVerbApi.as_view(verb=verb))
        for name, verb in VERBS.items()
    ),
]
