"""The association's desk: what all its pages have in common. Only here is the skin's library known by name."""
