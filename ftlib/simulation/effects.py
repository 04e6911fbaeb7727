"""What the effects of a handler do to the world: messages leave, timers are set, the
disk is written, a node crashes.
"""

from typing import TYPE_CHECKING, Any

from ftlib.simulation.freezing import exact
from ftlib.simulation.node import (
    CALL,
    CANCEL_TIMER,
    FACT,
    FORCE,
    RETURN,
    SEND,
    SET_TIMER,
    WRITES,
    HandlerError,
    write,
)
from ftlib.simulation.route import TIMER, Route
from ftlib.simulation.values import show

if TYPE_CHECKING:
    from ftlib.simulation.host import Host

__all__ = ["apply"]

FORCED = -1  # a force that has waited for the disk


def apply(host: "Host", node: Any, effects: list[Any]) -> None:
    """Let effects happen in order, until the last, a crash between two of them, or a
    wait for the disk.
    """
    world, record = host.world, host.world.record
    pending = iter(effects)
    for effect in pending:
        if host.node is not node:
            break
        kind = effect[0]
        if kind == FORCE and world.disk_latency:
            host.wait(world.disk_latency, [(FORCED,), *pending])
            break
        if host.countdown is not None:
            host.countdown -= 1
        if kind == SEND:
            route = host.routes.get(effect[1]) or _route(host, effect[1], effect[2])
            route.send(effect[2])
        elif kind == SET_TIMER:
            _set_timer(host, effect[1], effect[2])
        elif kind == CANCEL_TIMER:
            host.timers.pop(effect[1], None)
        elif kind in WRITES:
            host.buffer.append(effect)
            if record:
                _, key, value = effect
                record((world.ticks, "write", host.id, key, value, WRITES[kind]))
        elif kind in (FORCE, FORCED):
            _force(host)
            if record:
                record((world.ticks, "force", host.id, None, None, None))
        elif kind == FACT:
            if record:
                record((world.ticks, "fact", host.id, None, effect[1], None))
        elif kind == CALL:
            number = world.next_call()
            host.calls.append((effect[1], number))
            world.note("call", host.id, None, effect[1], number)
        elif kind == RETURN:
            world.note("return", host.id, None, effect[1:], _end_call(host, effect[1]))
        if host.countdown == 0 and host.node is node:
            host.crash(0, *host.waiting)
    node._effects.clear()


def _route(host: "Host", to: str, message: Any) -> Route:
    if to not in host.world.hosts:
        raise HandlerError(
            f"{host.id!r} sends {show(message)} to {to!r}: there are"
            f" {', '.join(host.world.hosts)}"
        )
    route = host.routes[to] = Route(host.id, host.world.hosts[to], host.world)
    return route


def _set_timer(host: "Host", name: str, after: int | tuple[int, int]) -> None:
    if isinstance(after, tuple):
        low, high = after
        after = low + round((high - low) * host.draw())
    if host.rate != 1.0:
        after = round(after / host.rate)
    host.timers[name] = host.world.push(
        host.world.ticks + after, TIMER, host, name, host.world.ticks
    )


def _force(host: "Host") -> None:
    for effect in host.buffer:
        write(host.disk, effect)
    host.buffer.clear()


def _end_call(host: "Host", operation: Any) -> int:
    for number in reversed(range(len(host.calls))):
        called, reference = host.calls[number]
        if exact(called) == exact(operation):
            del host.calls[number]
            return reference
    raise HandlerError(
        f"{host.id!r} returns from {show(operation)}, which it has not called"
    )
