"""Carrying out a plan at a broker: sells, fills, cash, buys. Standard library only; no clock, disk or network of its own."""
