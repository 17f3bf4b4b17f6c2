from django.urls import path

from orders.sales import services
from orders.sales.api import views
from orders.sales.api.bulk import SalesOrdersBulkApi
from orders.sales.api.imports import SalesOrdersImportApi, SalesOrdersTemplateApi

VERBS = {
    "confirm": (services.sales_order_confirm, "draft → confirmed: from now on each plan makes it."),
    "cancel": (
        services.sales_order_cancel,
        "draft, confirmed or planned → cancelled. What has begun or is signed over to a member is not dropped.",
    ),
    "deliver": (services.sales_order_deliver, "completed → delivered: the goods have left."),
    "close": (services.sales_order_close, "delivered → closed: nothing more is expected."),
}

urlpatterns = [
    path("sales-orders", views.SalesOrdersApi.as_view()),
    path("imports/sales-orders", SalesOrdersImportApi.as_view()),
    path("imports/sales-orders/template.xlsx", SalesOrdersTemplateApi.as_view()),
    path("sales-orders/bulk", SalesOrdersBulkApi.as_view()),
    path("sales-orders/by-ref/<path:external_ref>", views.SalesOrderByRefApi.as_view()),
    path("sales-orders/<uuid:order_id>", views.SalesOrderApi.as_view()),
    path("sales-orders/<uuid:order_id>/lines", views.SalesOrderLinesApi.as_view()),
    path("sales-orders/<uuid:order_id>/decline", views.SalesOrderDeclineApi.as_view()),
    path("sales-order-lines/<uuid:line_id>", views.SalesOrderLineApi.as_view()),
    *(
        path(f"sales-orders/<uuid:order_id>/{name}", views.SalesOrderVerbApi.as_view(verb=verb, says=says))
        for name, (verb, says) in VERBS.items()
    ),
]
