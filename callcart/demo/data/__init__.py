"""What the demo shops are made of: products and their drawings, invented people, ways to be reached.

Only data, all of it invented here. Telephone numbers lie in ranges kept for fiction where a country has one.
"""
