"""Addresses of the data owners. The one with a token shows nothing before its button is pressed."""

from django.urls import path

from dsar.owners import views

app_name = "owners"
urlpatterns = [
    path("", views.own_tasks, name="tasks"),
    path("<int:pk>/", views.own_task, name="task"),
    path("<int:pk>/files/<int:file>/remove/", views.remove_own, name="remove"),
    path("link/<str:token>/", views.link, name="link"),
    path("open/", views.linked_task, name="open"),
    path("open/files/<int:file>/remove/", views.remove_linked, name="remove_linked"),
    path("done/", views.done, name="done"),
]
