"""Files in and out: reading tables of any make, mapping their columns, trying, importing, undoing, exporting. Knows no domain."""
