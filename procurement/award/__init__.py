"""The award of a pooled round, pure: quotations and locked commitments in, who delivers what to whom out."""
