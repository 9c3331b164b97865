"""Money asked for and received: prepaid, cash on delivery, instalments."""
