"""The pre-trade checks. Each looks at a plan from outside: at the snapshot and the orders, never at what the strategy computed."""
