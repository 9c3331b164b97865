"""Addresses of call flows."""

from __future__ import annotations

from django.urls import path

from callcart.web.office.ivr import flow, flows, pins, trying, versions

urlpatterns = [
    path("customers/<uuid:customer_id>/pin", pins.pin, name="customer_pin"),
    path("customers/<uuid:customer_id>/pin/remove", pins.remove, name="customer_pin_remove"),
    path("flows", flows.flow_list, name="flows"),
    path("flows/start", flows.start, name="flow_start"),
    path("flows/new", flows.new, name="flow_new"),
    path("flows/numbers", flows.number, name="flow_number"),
    path("flows/sound", trying.sound, name="flow_sound"),
    path("flows/<uuid:flow_id>", flow.flow, name="flow"),
    path("flows/<uuid:flow_id>/draft", flow.draft, name="flow_draft"),
    path("flows/<uuid:flow_id>/rename", flows.rename, name="flow_rename"),
    path("flows/<uuid:flow_id>/remove", flows.remove, name="flow_remove"),
    path("flows/<uuid:flow_id>/add", flow.add, name="flow_add"),
    path("flows/<uuid:flow_id>/blocks/<str:block_id>", flow.change, name="flow_block"),
    path("flows/<uuid:flow_id>/blocks/<str:block_id>/arrow", flow.arrow, name="flow_arrow"),
    path("flows/<uuid:flow_id>/blocks/<str:block_id>/begin", flow.begin, name="flow_begin"),
    path("flows/<uuid:flow_id>/blocks/<str:block_id>/remove", flow.take_away, name="flow_block_remove"),
    path("flows/<uuid:flow_id>/publish", versions.publish, name="flow_publish"),
    path("flows/<uuid:flow_id>/discard", versions.discard, name="flow_discard"),
    path("flows/<uuid:flow_id>/versions", versions.version_list, name="flow_versions"),
    path("flows/<uuid:flow_id>/compare", versions.compare, name="flow_compare"),
    path("flows/<uuid:flow_id>/versions/<int:number>/back", versions.back, name="flow_back"),
    path("flows/<uuid:flow_id>/try", trying.rehearsal, name="flow_try"),
]
