"""Who we deal with and who we are: tenants, staff, customers."""
