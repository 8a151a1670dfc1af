"""The demo company and its cases, made through the same doors as real ones."""
