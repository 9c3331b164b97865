"""What every room stands on: ids, money, clock, events, jobs, audit, search, files, tenancy."""
