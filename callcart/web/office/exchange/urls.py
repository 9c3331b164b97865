"""Addresses of import and export."""

from django.urls import path

from callcart.web.office.exchange import exports, imports

urlpatterns = [
    path("imports", imports.imports, name="imports"),
    path("imports/new", imports.new, name="import_new"),
    path("imports/templates/<str:kind>/<str:sheet>", imports.template, name="import_template"),
    path("imports/<uuid:import_id>", imports.one, name="import"),
    path("imports/<uuid:import_id>/progress", imports.progress, name="import_progress"),
    path("imports/<uuid:import_id>/columns", imports.columns, name="import_columns"),
    path("imports/<uuid:import_id>/start", imports.start, name="import_start"),
    path("imports/<uuid:import_id>/cancel", imports.cancel, name="import_cancel"),
    path("imports/<uuid:import_id>/undo", imports.undo, name="import_undo"),
    path("imports/<uuid:import_id>/go-on", imports.go_on, name="import_go_on"),
    path("imports/<uuid:import_id>/wrong/<int:source>", imports.wrong, name="import_wrong"),
    path("exports", exports.exports, name="exports"),
    path("exports/file", exports.file, name="export_file"),
]
