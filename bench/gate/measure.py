"""One measurement: one of the gate's calls, on one program, in a closed loop."""

from dataclasses import dataclass
from pathlib import Path

from bench.gate.calls import Call
from bench.gate.programs import Program
from bench.load import Load, run_wrk
from bench.measure import Measurement, measure
from bench.pgbench import run_pgbench

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Scenario:
    call: Call
    connections: int

    @property
    def title(self) -> str:
        return f"{self.call.name}, {self.connections} connection{'s' if self.connections > 1 else ''}"


def measure_program(program: Program, scenario: Scenario, *, rows: int, postmaster: int, seconds: int) -> Measurement:
    """`rows`: how many members and cards there are to ask about."""
    call, connections, server = scenario.call, scenario.connections, program.server
    script, keys = _FOLDER / f"floor_{call.name}.sql", call.keys(rows)

    def send(duration: int) -> Load:
        if server is None:
            variables = {"rows": str(rows)}
            return run_pgbench(program.database, script, variables=variables, connections=connections, seconds=duration)
        return run_wrk(
            server.url_of(call.path), template=call.template, keys=keys, connections=connections, seconds=duration
        )

    def fault(result: Load, before: int, after: int) -> str:
        """wrk leaves up to one call per connection unanswered when it stops, and what it said may be stored."""
        if result.requests <= after - before <= result.requests + connections:
            return ""
        return f"{after - before} rows stored for {result.requests} answers"

    return measure(
        send,
        seconds=seconds,
        server=server,
        database=program.database,
        postmaster=postmaster,
        count=lambda: program.stored(call),
        fault=fault,
    )
