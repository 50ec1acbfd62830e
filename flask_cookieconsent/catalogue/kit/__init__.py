"""What declarations are read with: parameters, holes, patterns of addresses, recipes of tags, and purpose texts."""
