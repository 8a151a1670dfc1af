"""Addresses of the returning person. Neither number nor code of a case is ever part of one."""

from django.urls import path

from dsar.requester import identity_pages, letter_views, proof_ways, receiving, views

app_name = "requester"
urlpatterns = [
    path("status/", views.sign_in, name="login"),
    path("status/code/", views.enter_code, name="code"),
    path("status/code/again/", views.send_code_again, name="code_again"),
    path("status/sign-out/", views.sign_out, name="sign_out"),
    path("status/request/", views.case_page, name="case"),
    path("status/request/switch/", views.switch, name="switch"),
    path("status/request/message/", views.write_message, name="message"),
    path("status/request/files/<int:pk>/", views.open_file, name="file"),
    path("status/request/data/<int:pk>/", receiving.receive, name="receive"),
    path("status/request/data/<int:pk>/code/", receiving.send_code, name="receive_code"),
    path("status/request/data/<int:pk>/file/", receiving.fetch, name="receive_file"),
    path("status/request/letters/<int:pk>/", letter_views.read, name="letter"),
    path("status/request/letters/<int:pk>/pdf/", letter_views.download, name="letter_pdf"),
    path("status/request/method/", views.choose_method, name="method"),
    path("status/request/withdraw/", views.withdraw, name="withdraw"),
    path("status/request/identity/", identity_pages.prove, name="identity"),
    path("status/request/identity/account/", proof_ways.sign_in_begin, name="sign_in_begin"),
    path("status/sign-in/return/", proof_ways.sign_in_return, name="sign_in_return"),
    path("status/request/identity/provider/", proof_ways.provider_begin, name="provider_begin"),
    path("status/identification/return/", proof_ways.provider_return, name="provider_return"),
    path("status/request/identity/code/", identity_pages.enter_letter_code, name="letter_code"),
    path("confirm/<str:token>/", views.confirm_email, name="confirm_email"),
]
