"""Pages for everyone: the start page and the request forms to print."""
