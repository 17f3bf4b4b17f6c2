"""The pages of signing in with password and second factor, before those of mes.firms.account."""
