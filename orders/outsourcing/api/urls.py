from django.urls import path

from orders.outsourcing.api import files, views

urlpatterns = [
    path("outsource-orders", views.OutsourceOrdersApi.as_view()),
    path("outsource-orders/<uuid:order_id>", views.OutsourceOrderApi.as_view()),
    path("outsource-orders/<uuid:order_id>/dispatch", views.DispatchApi.as_view()),
    path("outsource-orders/<uuid:order_id>/receive", views.ReceiveApi.as_view()),
    path("outsource-orders/<uuid:order_id>/files", files.OutsourceFilesApi.as_view()),
    path("outsource-files/<uuid:file_id>", files.OutsourceFileApi.as_view()),
    path("outsource-files/<uuid:file_id>/content", files.OutsourceFileContentApi.as_view()),
]
