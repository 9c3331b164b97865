"""What a basket costs and why: price lists, promotions, coupons, tax. `docs/pricing.md` holds the rules."""
