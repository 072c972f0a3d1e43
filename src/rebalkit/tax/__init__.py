"""What the tax law makes of trades: holding periods, wash sales, rates, and the rows of the forms."""
