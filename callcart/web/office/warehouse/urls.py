"""Addresses of the warehouse; the office takes them in."""

from django.urls import path

from callcart.web.office.warehouse import apart, documents, forms, places, scanning, supply

urlpatterns = [
    path("warehouses", places.warehouses, name="warehouses"),
    path("warehouses/new", places.warehouse, name="warehouse_new"),
    path("warehouses/<uuid:warehouse_id>", places.warehouse, name="warehouse"),
    path("stock/<uuid:variant_id>/<uuid:warehouse_id>/shelf", places.shelf, name="stock_shelf"),
    path("stock/low", supply.low_stock, name="low_stock"),
    path("stock/low/count", supply.count_again, name="low_stock_count"),
    path("stock/low/rules", supply.rules, name="supply_rules"),
    path("stock/wanted", supply.replenishment, name="replenishment"),
    path("stock/wanted/<uuid:variant_id>", supply.answer, name="replenishment_answer"),
    path("stock/arrivals", supply.notices, name="arrival_notices"),
    path("stock/arrivals/<uuid:notice_id>", supply.notice, name="arrival_notice"),
    path("stock/apart", apart.apart, name="stock_apart"),
    path("stock/apart/<uuid:stock_id>/<str:condition>", apart.decide, name="stock_decide"),
    path("stock/documents", documents.document_list, name="stock_documents"),
    path("stock/documents/find", forms.find, name="stock_find"),
    path("stock/documents/new/<str:type_>", forms.new, name="stock_document_new"),
    path("stock/documents/<uuid:document_id>", documents.document, name="stock_document"),
    path("stock/documents/<uuid:document_id>/edit", forms.edit, name="stock_document_edit"),
    path("stock/documents/<uuid:document_id>/scan", scanning.scan, name="stock_scan"),
    path("stock/documents/<uuid:document_id>/list", scanning.by_list, name="stock_by_list"),
    path(
        "stock/documents/<uuid:document_id>/movements", documents.movements_file, name="stock_document_file"
    ),
    path("stock/documents/<uuid:document_id>/<str:verb>", documents.step, name="stock_document_step"),
]
