"""HTTP faces: parse, check permission, call one verb, show. No rules live here."""
