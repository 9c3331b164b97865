"""What customers are asked after a talk, and what they answer."""
