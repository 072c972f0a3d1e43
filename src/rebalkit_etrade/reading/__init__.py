"""Records out of the documents that E*TRADE answers with."""
