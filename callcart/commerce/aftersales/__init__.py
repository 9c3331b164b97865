"""After-sales: returns, exchanges, claims and repairs, from being asked for to being settled. Stands above orders."""
