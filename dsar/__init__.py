"""The requests of data subjects, from intake to purge. See dsar/README.md for the flow."""
