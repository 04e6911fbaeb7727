"""Grading the labs: what a student hands in runs in a child process and is judged in
this one, which alone holds seeds, checkers and verdicts.
"""
