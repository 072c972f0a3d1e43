"""Requests on their way to E*TRADE and back: the login, the signature, the pace, the record of it all."""
