"""A client of event streams that takes the page at its word: it sends back the cursor of the newest frame, whole as it
is."""

from bench.faults.client import Heard
from bench.faults.cursor_client import CursorClient, by_organization
from bench.faults.stream_wire import open_stream


class StreamClient(CursorClient):
    open = staticmethod(open_stream)  # type: ignore[assignment]  # with the same face

    def event(self, frame: Heard) -> None:
        if self._lists and frame.replayed:
            self._lists -= 1
            return
        self.show(frame)
        self._cursors = by_organization(frame.cursor)
        if frame.replayed:
            self._replaying -= 1
            self._end_of_replay()
