"""SMS: `smpp` speaks SMPP 3.4 with an SMS centre, `http` calls a provider by settings. How they work: docs/integrations.md."""
