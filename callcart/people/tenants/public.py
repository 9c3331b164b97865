"""What other rooms may use of tenants."""

from __future__ import annotations

from callcart.people.tenants.change import (
    HostTaken,
    NumberTaken,
    SlugTaken,
    add_host,
    add_service_number,
    create_tenant,
    remove_host,
    update_service_number,
    update_tenant,
)
from callcart.people.tenants.directory import (
    forget,
    get_tenant,
    list_hosts,
    list_service_numbers,
    list_tenants,
    service_number,
    tenant_by_host,
    tenant_by_number,
    tenant_by_slug,
)
from callcart.people.tenants.models import Host, ServiceNumber, Tenant
from callcart.people.tenants.options import Options, name_fields, own_language, settings_of

__all__ = [
    "Host",
    "HostTaken",
    "NumberTaken",
    "Options",
    "ServiceNumber",
    "SlugTaken",
    "Tenant",
    "add_host",
    "add_service_number",
    "create_tenant",
    "forget",
    "get_tenant",
    "list_hosts",
    "list_service_numbers",
    "list_tenants",
    "name_fields",
    "own_language",
    "remove_host",
    "service_number",
    "settings_of",
    "tenant_by_host",
    "tenant_by_number",
    "tenant_by_slug",
    "update_service_number",
    "update_tenant",
]
