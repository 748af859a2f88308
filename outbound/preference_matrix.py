"""The table of the page of preferences: kinds of news by channels, for one place. Plain values: templates draw them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from inbox.org_inboxes import OrgInbox
from preferences.chosen import Switch, matrix
from preferences.inbox_levels import SWITCHED, level_of, switches_of
from preferences.kinds import Channel, Kind, Value, values_of
from preferences.words import CHANNELS, KINDS, VALUES

NAMES = {f"{channel}-{kind}": (channel, kind) for channel in Channel for kind in Kind}

Stand = Mapping[Channel, Mapping[Kind, Value]]


class Cell(NamedTuple):
    """`own`: it is set for this organization alone. `included`: everything has it in it. `idle`: the inbox takes none
    of it, so there is nothing to tell."""

    name: str
    channel: Channel
    label: str
    value: Value
    options: list[tuple[Value, str]]
    always: bool
    own: bool
    included: bool
    idle: bool


class Line(NamedTuple):
    kind: Kind
    label: str
    help: str
    cells: list[Cell]


class Table(NamedTuple):
    lines: list[Line]
    stand: Stand
    own: int  # switches that are set for the organization alone
    shown: str  # what the page shows, so that a form without scripts says what it changed

    def told(self, channel: Channel) -> dict[Kind, Value]:
        """Say what a channel brings: nothing of what the inbox does not take."""
        inbox = self.stand[Channel.INBOX]
        return {
            kind: value if inbox[kind] == Value.ON else Value.OFF
            for kind, value in self.stand[channel].items()
        }


def table_of(switches: list[Switch], place: OrgInbox | None) -> Table:
    """Lay it out for one organization, or for everywhere (None)."""
    organization_id = place.org_id if place else None
    stand = matrix(switches, organization_id)
    inbox = stand[Channel.INBOX]
    stand[Channel.INBOX] = inbox | switches_of(place.level if place else level_of(inbox))
    own = {
        f"{each.channel}-{each.kind}"
        for each in switches
        if place and each.organization_id == organization_id
    }
    lines = [Line(kind, *KINDS[kind], _cells(stand, kind, own)) for kind in Kind]
    return Table(lines, stand, len(own), _shown(lines))


def own_counts(switches: Iterable[Switch]) -> dict[int, int]:
    """Count what is set for one organization alone, by its id."""
    ids = [each.organization_id for each in switches if each.organization_id]
    return {organization_id: ids.count(organization_id) for organization_id in ids}


def _cells(stand: Stand, kind: Kind, own: set[str]) -> list[Cell]:
    inbox = stand[Channel.INBOX]
    cells = []
    for channel in Channel:
        name, values = f"{channel}-{kind}", values_of(channel, kind)
        is_inbox = channel == Channel.INBOX
        cells.append(
            Cell(
                name=name,
                channel=channel,
                label=f"{KINDS[kind][0]}: {CHANNELS[channel]}",
                value=stand[channel][kind],
                options=[(value, VALUES[value]) for value in values],
                always=len(values) == 1,
                own=name in own,
                included=is_inbox
                and kind in SWITCHED
                and kind != Kind.EVERYTHING
                and inbox[Kind.EVERYTHING] == Value.ON,
                idle=not is_inbox and inbox[kind] == Value.OFF,
            )
        )
    return cells


def _shown(lines: list[Line]) -> str:
    cells = (cell for line in lines for cell in line.cells if not cell.always and not cell.included)
    return " ".join(f"{cell.name}={cell.value}" for cell in cells)
