"""Moving in: declarations begun from what a vendor or another consent tool gives out."""
