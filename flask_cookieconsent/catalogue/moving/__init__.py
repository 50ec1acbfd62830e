"""Moving in: declarations drafted from what a vendor or another consent tool gives out."""
