"""Lists and pages for those who run the shop and the call centre."""
