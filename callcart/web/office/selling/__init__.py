"""What the shop sells and at what price: pages of promotions, price lists and tax."""
