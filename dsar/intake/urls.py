"""Addresses of the form. A draft's token stands only in the link the person asked for."""

from django.urls import path

from dsar.intake import further, proofs, receipt, resume, uploads, views

app_name = "intake"
urlpatterns = [
    path("", views.start, name="start"),
    path("save/", resume.save, name="save"),
    path("resume/<str:token>/", resume.resume, name="resume"),
    path("delete/", resume.delete, name="delete"),
    path("deleted/", resume.deleted, name="deleted"),
    path("expired/", resume.expired, name="expired"),
    path("attachments/", uploads.attachments, name="attachments"),
    path("attachments/identity/", proofs.add_proof, name="add_proof"),
    path("attachments/<int:pk>/remove/", uploads.remove, name="remove_attachment"),
    path("check/", views.check, name="check"),
    path("more/", further.add, name="add_further"),
    path("more/<int:position>/remove/", further.remove, name="remove_further"),
    path("more/<int:position>/<slug:name>/", further.step, name="further"),
    path("receipt/", receipt.receipt, name="receipt"),
    path("done/", receipt.done, name="done"),
    path("<slug:name>/", views.step, name="step"),
]
