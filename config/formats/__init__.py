"""How dates are written where the language's own way differs from the portal's texts."""
