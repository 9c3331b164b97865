"""After-sales in the office: the list of cases, one case from its decision to its end, receiving by scan, the rules."""
