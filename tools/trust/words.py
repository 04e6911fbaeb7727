"""The words of the page. They hold no number: where one belongs, there is a name in
braces.
"""

__all__ = ["LEFT_OUT", "PROSE"]

PROSE = {
    "head": (
        """\
# Why trust this book

You need not take our word. This page is written by a program that does everything anew: it computes the formulas, runs the
protocols, explores them, and plants mistakes to see whether they are caught. Where it finds that something differs from what was
published, it says so. Nobody types a number that we found, and a test fails when the page is not current.

- **{claims} claims** stand beside formulas and published numbers: {agree}.
- **{worlds} worlds** have been explored, {states} states in all. {verdicts}
- **{mutants} mistakes** have been planted in the protocols, and {caught} caught. {chance}
"""
    ),
    "claims": (
        """\
## Formula, measurement, literature

Each row has what its formula gives, what we found, and what was published. Where we counted in samples, the interval is
Wilson's ([Wilson 1927](references.md#wilson-1927)). It holds the true value {confidence} of the time, so one in {misses} such
intervals is expected to miss. The verdicts are:

- *agree*: all exact numbers are equal, the intervals hold them, and a published number is the same to its last digit;
- *differs*: anything else;
- *not measured*: the protocol is not in the library.
"""
    ),
    "costs": (
        """\
Here *N* = {size}. Where a source publishes a formula, its value stands in the table. The rows of two-phase commit that have a
source were also compared for {sizes} participants.
"""
    ),
    "verdicts": (
        """\
## Verdicts

An exploration visits every state that the protocol's own code can reach within a bound: who takes part, which network, which
timers, how many faults. [Every run](../chapters/7_1_every_run.ipynb) explains these words. Outside its bound a verdict says
nothing. Where transactions are explored, each participant has a letter: y votes yes, n votes no, s is silent. {complete}

What all servers share comes first: clients whose requests one server tells apart by their [sessions](glossary.md#session), and
what they see is [linearizable](glossary.md#linearizability); nodes that grant an [epoch](glossary.md#epoch) to one of them, in an
[election](glossary.md#election); and a log of which a [snapshot](glossary.md#snapshot) replaces the beginning.

Nodes that read the clock, and promises that hold for some durations only, cannot be explored. Where a row says *simulated*, they
were run instead, each time with other faults drawn at random within the bound. A search that finds nothing proves nothing; the
row says how many schedules it tried.

What an idle protocol would keep as well is no proof that it works. So something must also *stay possible* in some worlds: from
every state that can be reached, there is a way to a state in which it has happened. *Responsive* is asked of runs only, because
an exploration knows no durations.

A crash takes every write that was not forced; where *unforced writes may survive*, it takes all, or leaves the first, or the
first and the second, and so on: each case is explored. Where transfers meet, the bank's own promises must hold as well: isolation,
serial balances, no overdraft, locks released, and first come, first served. Where sagas meet, nobody may sell more places than
there are.

That something fails, *as it must*, is a verdict too: it shows what the protocol does not promise. One that is *not as it must be*
would stand here in bold.
"""
    ),
    "blocking": (
        """\
### Blocking

Somebody who is up and has voted yes is *blocked* if nothing that those who are up can do leads to a decision. The table says
in how many states that is so, of those in which somebody waits. Timers are synchronous: a time-out proves a crash. A share of
states is no probability; what counts is whether it is none.
"""
    ),
    "mutants": (
        """\
## Mistakes planted, and what caught them

A check that cannot fail is worth nothing. So the library holds mutants: protocols with one mistake each. Every one must be caught
by a check that the protocol itself passes, within the same bound or with the same seed and faults.

*Explored* says after how many steps the shortest run breaks the promise, and in which world of those above: the mutant stands
there in the place of the class that it is a mutant of, and that class holds there. *By chance* says
how many seeds a random search needed, of {seeds} that it may try, and how many faults were left after shrinking. *Not found*
by chance means that no run showed the mistake without breaking the protocol too. What breaks a promise that is asked of runs
only, no exploration can find; it must be found by chance, in a world that is simulated if there is one.
"""
    ),
    "real": (
        """\
## Met on real systems

What holds in a model may fail outside it. So some mechanisms are met again on servers that people run, and on nodes of this library as
processes of the operating system, which are killed, cut off and paused. Each row is an assertion that a cell of the chapter makes
whenever it is run; `make test-all` runs them all, and a test holds this table to them. They speak of safety only: how long something
took, and how much was lost where losing is allowed, a cell prints and does not assert. The servers are {packages}.
"""
    ),
    "left out": (
        """\
## What the simulator leaves out

The simulator is a model. What is not in it cannot go wrong in it, and no claim of this book covers it.

| Left out | What that means |
| --- | --- |
{rows}
"""
    ),
    "yourself": (
        """\
## Check for yourself

- `make test` runs the tests, executes every notebook and compares its outputs, and builds the book with warnings as errors.
- `make test-all` adds slow tests, a browser on every page, and a second run of all notebooks that must change no byte.
- `make bench` measures the library beside its peers, and fails where a target is missed.
- `python -m tools.trust --check` computes this page anew and says what has changed.

A checker can be wrong as well. So ours are checked:

- **Exploration** is compared with a brute-force search on random small models, written apart from it, and with the counts of
  another model checker, in the table above.
- **The explored world** is code of its own, and must be the simulated one. So small random protocols are made, whose handlers
  show the order of dicts, the types of numbers, timers, choices and disks. The traces that exploration says are possible must be
  those of the simulator, driven from the start through every script, no more and no fewer, under several hash seeds. On the
  library's own protocols the states are compared in the same way.
- **Every counterexample** is played again by the simulator before it is reported. It must lead to the same states of all nodes
  there, and break the same property; if it does not, no verdict is given, but an error that shows both runs.
- **What exploration cannot know** no property may read there. A time, or the number of a message, raises an error, and so does
  a kind of event that the property has not named. A handler that keeps something outside its node, or draws chance of its own,
  is found out on a sample of its calls, which are run twice.
- **The judge of histories** is compared with a search through all orders of small histories. Mistakes are planted in it as
  well: it forgets an edge, or an operation that is pending. The tests must catch them.
- **Properties** are held against the protocol, which must pass, and its mutants, which must not. The disks are audited by an
  oracle that knows nothing of the protocol.
- **Chance** has one source. The same seed gives the same bytes under different hash seeds and in different versions of Python.

What you find wrong belongs in the [errata](about.md#errata).
"""
    ),
}

LEFT_OUT = {
    "Bandwidth": (
        "A message takes as long as its link says, whatever its size and however many"
        " are sent. Costs are counted in messages and delays. What happens when a"
        " network is full is not shown."
    ),
    "Time to compute": (
        "A handler takes no time unless a schedule slows its node. Rates come from"
        " messages and forced writes only: they are upper bounds."
    ),
    "The operating system": (
        "No handler is interrupted, paged out or throttled. A pause happens only where"
        " a schedule slows a node."
    ),
    "Disks that lie": (
        "What was forced survives whole and unchanged, unless a schedule wipes the"
        " disk. There are no torn writes, no rotten bits, and no force that returns too"
        " early."
    ),
    "Altered messages": (
        "A message is lost, doubled or late, never altered. We rely on checksums"
        " below us."
    ),
    "Byzantine nodes": (
        "A node follows its program or is down. No protocol here survives one that"
        " lies."
    ),
    "Clock resolution": (
        "Time counts in whole microseconds, and clocks are right unless a schedule"
        " skews one. Explorations know no durations: what holds there needs no clock."
    ),
    "Memory": "Queues and logs never fill up. Nothing is said of overload.",
    "How likely it is": (
        "We choose latencies and failure rates. A run shows that something can happen,"
        " not how often it happens to you."
    ),
    "What fails together": (
        "Nodes fail apart, unless a schedule or a common cause says otherwise. Rows"
        " that assume it say *independently*."
    ),
    "More nodes": (
        "Explorations have few participants and few faults. A mistake that needs more"
        " of them would escape."
    ),
}
