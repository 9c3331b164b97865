"""The agent's screen: phone, person, orders, wrap-up."""
