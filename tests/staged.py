"""What the tests of mutants share: the runs that show them are the smallest."""

from ftlib.simulation import Crash, Recover, Schedule


def without_one(faults):
    """Yield each fault, and the schedule without it; and, if it is a crash after which
    its node does not crash again, without the recoveries of that node.
    """
    for index, left_out in enumerate(faults):
        fewer = [fault for at, fault in enumerate(faults) if at != index]
        crashing = {fault.node for fault in fewer if isinstance(fault, Crash)}
        yield (
            left_out,
            Schedule(
                fault
                for fault in fewer
                if not isinstance(fault, Recover)
                or fault.node in crashing
                or not isinstance(left_out, Crash)
            ),
        )
