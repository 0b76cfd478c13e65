"""The command line: it parses arguments, calls, and prints; it decides nothing."""
