"""Office pages of recordings: finding and hearing them, comments, legal holds, how long they are kept."""
