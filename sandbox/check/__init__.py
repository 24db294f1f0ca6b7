"""The retailer's side of every documented outbound test case, against a host that plays Amazon.

A second reading of the contract, so that a misreading of the sandbox shows: the requests are signed by botocore and
sent by http.client, without any client of this project. One module per service lists its cases; `cases` says what a
case is, `everywhere` holds what each operation must do, `runner` plays. The report is that of `sandbox.connectivity`.
Numbers are those of Amazon's test pages. Ours have a letter: `3-a` stands beside a documented case, `0-a` is played
for every operation, `m-a` is a magic trip of the sandbox, `o-a` a call out of order.
"""
