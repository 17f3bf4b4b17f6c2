"""What the compiled parts of the planner share: how they are compiled and cached, and their generator of numbers.

A kernel is a plain function on flat int64 arrays, numbers and tuples of these. It keeps no list, dict or object,
reads no clock, draws from a state that it is given, and does at most some tenths of a second of work per call, so
that its caller can cancel, report and publish between calls. Its module's path says `kernel`.
"""
