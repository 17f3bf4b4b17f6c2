"""CP-SAT behind the engine, on plans of few runs."""
