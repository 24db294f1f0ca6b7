"""Our money against the books of whoever took it: Amazon, or a processor."""
