"""A careful first try of the real service: what is known of it only from elsewhere is looked at, once, and written down."""
