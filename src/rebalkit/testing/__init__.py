"""What others can hold their own work against: the wash-sale vectors and what runs them. Nothing else in rebalkit imports this room."""
