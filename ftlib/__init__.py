"""ftlib: protocols for fault tolerance, the simulated world they run in, their checks
and their pictures.

The rooms, ground floor first: `simulation`, `transactions`, `analysis`, `drawing`,
`figures`, `live`. A room imports only rooms named before it. Data flows one way: from
the simulation through a protocol to a trace, and from the trace to checks and pictures.
"""

__version__ = "0.1.0"
