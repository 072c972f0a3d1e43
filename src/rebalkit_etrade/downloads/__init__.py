"""Files that E*TRADE's website lets a person download."""
