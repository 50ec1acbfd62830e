"""What the declarations of ready-made services share: parsing of pasted addresses, checks of parameters, texts."""
