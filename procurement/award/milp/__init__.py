"""The award as a mixed-integer programme for HiGHS, through MathOpt.

Quantities are tonnes and money thousands of CNY inside, so that the solver's tolerances are far below a bag. What comes
back is rounded by a second, whole-numbered programme and priced anew in whole numbers outside.
"""
