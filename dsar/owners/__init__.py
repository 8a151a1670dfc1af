"""The face of the data owners: their open tasks, and answering one; by login or by mailed link.

They see the question and what they hand in themselves; nothing else of the case or the person.
"""
