"""The one queue of all channels: who is offered what, in PostgreSQL."""
