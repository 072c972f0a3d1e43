"""Built-in brokers."""
