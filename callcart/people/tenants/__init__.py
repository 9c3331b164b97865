"""The shops that live here: their names, hosts, service numbers and settings."""
