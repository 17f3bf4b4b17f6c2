from django.urls import path

from mes.catalog.api import views
from mes.catalog.api.bulk import ProductsBulkApi

urlpatterns = [
    path("products", views.ProductsApi.as_view()),
    path("products/bulk", ProductsBulkApi.as_view()),
    path("products/<uuid:product_id>", views.ProductApi.as_view()),
    path("machine-classes", views.MachineClassesApi.as_view()),
    path("item-numbers", views.ItemNumbersApi.as_view()),
    path("item-numbers/<path:number>", views.ItemNumberApi.as_view()),
]
