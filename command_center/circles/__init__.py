"""Service circles: who is reached from county, town and village centers in 15, 10 and 5 minutes, and who is not.

`inputs` gathers what the answer depends on, `run` lets a process of its own compute it once, `answer` reads it.
"""
