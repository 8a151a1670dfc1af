"""Cookie preferences of web visitors. Imports nothing of `dsar`."""
