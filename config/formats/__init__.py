"""How dates are written, where Django's own way does not agree with the portal's sentences."""
