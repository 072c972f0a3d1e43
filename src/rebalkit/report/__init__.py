"""Reports: one view of a report, computed once, and its forms: terminal, HTML, JSON, CSV, and the ticket for the person's own hands.

`rebalkit.report.view.view_of` computes everything that a person sees; the other modules only lay it out.
"""
