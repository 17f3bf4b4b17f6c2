from django.urls import path

from mes.catalog.api import views

urlpatterns = [
    path("products", views.ProductsApi.as_view()),
    path("products/<uuid:product_id>", views.ProductApi.as_view()),
    path("machine-classes", views.MachineClassesApi.as_view()),
]
