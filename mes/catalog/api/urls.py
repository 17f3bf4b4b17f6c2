from django.urls import path

from mes.catalog.api import views
from mes.catalog.api.bulk import ProductsBulkApi
from mes.catalog.api.imports import ProductsImportApi, ProductsTemplateApi

urlpatterns = [
    path("products", views.ProductsApi.as_view()),
    path("products/bulk", ProductsBulkApi.as_view()),
    path("imports/products", ProductsImportApi.as_view()),
    path("imports/products/template.xlsx", ProductsTemplateApi.as_view()),
    path("products/<uuid:product_id>", views.ProductApi.as_view()),
    path("machine-classes", views.MachineClassesApi.as_view()),
    path("item-numbers", views.ItemNumbersApi.as_view()),
    path("item-numbers/<path:number>", views.ItemNumberApi.as_view()),
]
