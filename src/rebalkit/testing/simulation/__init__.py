"""A simulated world for the execution of plans: a scripted broker, a disk, a clock and a person, with everything that can go wrong.

`play` lives through one run of a plan in a world drawn from a seed, and judges it from the broker's truth. The author of a broker plugin puts
the plugin in the scripted broker's place with `Settings.connect`.
"""

from rebalkit.testing.simulation.broker import QuickSimBroker, SimBroker
from rebalkit.testing.simulation.clock import SimClock
from rebalkit.testing.simulation.faults import FAULTS, OF_PLUGINS, Dice, Fault
from rebalkit.testing.simulation.play import Outcome, Settings, play
from rebalkit.testing.simulation.steps import Crash, Steps
from rebalkit.testing.simulation.store import MemoryStore
from rebalkit.testing.simulation.venue import Venue

__all__ = [
    "FAULTS",
    "OF_PLUGINS",
    "Crash",
    "Dice",
    "Fault",
    "MemoryStore",
    "Outcome",
    "QuickSimBroker",
    "Settings",
    "SimBroker",
    "SimClock",
    "Steps",
    "Venue",
    "play",
]
