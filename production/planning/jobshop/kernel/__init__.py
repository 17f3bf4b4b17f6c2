"""The compiled part of the job shop: plans as sequences on machines, and walks among them."""
