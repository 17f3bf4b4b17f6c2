from django.urls import path

from orders.sales.api.views import SalesOrdersApi

urlpatterns = [path("sales-orders", SalesOrdersApi.as_view())]
