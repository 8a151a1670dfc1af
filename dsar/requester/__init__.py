"""The returning person: proves who they are, sees where the case stands, and answers the desk."""
