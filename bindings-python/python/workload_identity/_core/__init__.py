"""The private host around the native module: drives it, performs its effects, runs background work."""
