"""What is short and what is wished for: low stock, replenishment requests, arrival notices."""
