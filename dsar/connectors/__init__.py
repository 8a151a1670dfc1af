"""Connectors: systems that answer a task by themselves, without a data owner.

`declared` reads what an administrator wrote, `sql`, `http` and `folder` talk to the systems, and
`runs` does one step for one task: a search, a dry run, the carrying out, its verification.
"""
