from django.urls import path

from mes.hooks.api import views

urlpatterns = [
    path("webhook-endpoints", views.WebhookEndpointsApi.as_view()),
    path("webhook-endpoints/<uuid:endpoint_id>", views.WebhookEndpointApi.as_view()),
    path("webhook-endpoints/<uuid:endpoint_id>/rotate", views.WebhookEndpointRotateApi.as_view()),
    path("webhook-endpoints/<uuid:endpoint_id>/test", views.WebhookEndpointTestApi.as_view()),
    path("webhook-endpoints/<uuid:endpoint_id>/deliveries", views.WebhookDeliveriesApi.as_view()),
    path("webhook-deliveries/<uuid:delivery_id>", views.WebhookDeliveryApi.as_view()),
    path("webhook-deliveries/<uuid:delivery_id>/replay", views.WebhookReplayApi.as_view()),
]
