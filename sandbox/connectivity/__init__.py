"""Amazon's side of every documented inbound test case, against a running connector: this one or any other.

One module per endpoint lists its cases; `calls` sends, `runner` judges, `diagnosis` explains, `report` prints.
Numbers are those of Amazon's pages. Where a page hides its sub-cases ours carry a letter (`2-a`), and what Amazon
documents without a number carries where it stands (`faq-1`). Amazon: testing_overview, connectivity_testing.
"""
