"""The warehouse's work on dispatch documents: picking, packing, waybills, and the carrier's collection."""
