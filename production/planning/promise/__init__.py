"""What a firm can promise: when an order line would be finished, around a plan that stands."""
