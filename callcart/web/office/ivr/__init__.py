"""Call flows in the office: what callers hear and may choose, drawn, tried and published."""
