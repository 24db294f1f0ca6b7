"""The same act on many trips at once: planned and shown, then done one by one by the workers."""
