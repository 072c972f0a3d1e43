"""The way from an account to a report: snapshot, plan, checks, execution, report. Each stage is a function of the files before it."""
