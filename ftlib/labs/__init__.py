"""What a lab's notebook imports: the rules that are drawn for each student, the
messages and facts, and the visible checks, which are judges as those of the exercises.

A lab is a part with two modules. Its face holds what a node may know, and imports
nothing but the simulation, because a grader hands it to the process that runs a
student's code. Its `checks` judge, in the student's kernel with a public seed and in
the grader's process with a secret one. This room stands in ftlib, and not beside the
notebooks, so that a student needs nothing but the library.
"""
