"""The pages on which people sign in, and those of a firm's people for their own account and the firm's keys."""
