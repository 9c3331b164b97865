"""Addresses of after-sales."""

from django.urls import path

from callcart.web.office.aftersales import asking, case, cases, rules

urlpatterns = [
    path("returns", cases.returns, name="returns"),
    path("returns/scan", cases.scan, name="returns_scan"),
    path("returns/rules", rules.rules, name="returns_rules"),
    path("returns/warranty", rules.warranty, name="returns_warranty"),
    path("returns/<uuid:case_id>", case.case, name="return"),
    path("returns/<uuid:case_id>/approve", case.approve, name="return_approve"),
    path("returns/<uuid:case_id>/refuse", case.refuse, name="return_refuse"),
    path("returns/<uuid:case_id>/cancel", case.cancel, name="return_cancel"),
    path("returns/<uuid:case_id>/sent", case.sent, name="return_sent"),
    path("returns/<uuid:case_id>/receive", case.receive, name="return_receive"),
    path("returns/<uuid:case_id>/inspect", case.inspect, name="return_inspect"),
    path("returns/<uuid:case_id>/settle", case.settle, name="return_settle"),
    path("returns/<uuid:case_id>/send-back", case.send_back, name="return_send_back"),
    path("returns/<uuid:case_id>/costs", case.cost, name="return_cost"),
    path("returns/<uuid:case_id>/slip", case.slip, name="return_slip"),
    path("returns/<uuid:case_id>/pictures/<uuid:picture_id>", case.picture, name="return_picture"),
    path("orders/<uuid:order_id>/return", asking.new, name="return_new"),
]
