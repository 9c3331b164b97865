"""The seeded demo shops and the simulators: caller, payment gateway."""
