"""The face for a shop's other programs: parse, check the key, call one verb, answer in JSON. No rules live here."""
