"""For the audit: the files of an archive, each against the receipt in the log, against the events that are still in the
log, and one after the other, from the very first event on."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from events.archive import files
from events.archive.facts import ArchivedTextsErased
from events.archive.receipts import Receipt, holding, receipts_of
from events.digests import GENESIS
from events.facts import TextsErased, read, sealed_digest
from events.findings import Finding, Scope, register_remark
from events.models import ArchivedStream, ArchiveJoint, LogHead, TaskEvent
from events.saved_heads import SavedHead
from events.texts import text_digest

CHUNK = 2_000
# (stream, version) -> the digests of what may stand there: "" for nothing
Taken = dict[tuple[str, int], set[str]]


def findings_in_archive(scope: Scope, directory: Path, heads: Iterable[SavedHead] = ()) -> Iterator[Finding]:
    """Check every file that a receipt names, and saved heads that lie in one."""
    heads = list(heads)
    organizations = LogHead.objects.order_by("pk")
    if scope.org_id is not None:
        organizations = organizations.filter(pk=scope.org_id)
    for organization_id in organizations.values_list("pk", flat=True):
        receipts = receipts_of(organization_id)
        own = {head.position: head for head in heads if head.org_id == organization_id}
        taken = _taken(organization_id, [_path(directory, receipt) for receipt in receipts])
        before = GENESIS
        for receipt in receipts:
            if receipt.fact.before != before:
                yield _finding(
                    receipt, "archive_differs", "the receipt does not go on where the one before ended"
                )
            before = receipt.fact.after
            yield from _file(receipt, _path(directory, receipt), taken, own)


@register_remark
def remark(scope: Scope) -> str:
    """Say what an audit without the files takes the receipts' word for."""
    if scope.stream_id is not None:
        return ""
    left = sum(receipt.fact.removed for receipt in holding(scope.events()))
    return f"{left:,} events are in the archive alone, which `--archive DIR` audits." if left else ""


def _path(directory: Path, receipt: Receipt) -> Path:
    return files.path_of(directory, receipt.organization_id, receipt.fact.first, receipt.fact.upto)


def _file(receipt: Receipt, path: Path, taken: Taken, heads: dict[int, SavedHead]) -> Iterator[Finding]:
    try:
        header = files.verified(path)
        if header.place != (receipt.organization_id, receipt.fact.first, receipt.fact.upto):
            yield _finding(
                receipt, "archive_foreign", f"{path.name} holds another part of a log than its name says"
            )
        elif (header.digest, header.before, header.after) != (
            receipt.fact.file,
            receipt.fact.before,
            receipt.fact.after,
        ):
            yield _finding(receipt, "archive_altered", f"{path.name} is not the file that the receipt names")
        else:
            yield from _lines(receipt, path, taken, heads)
    except files.UnusableFile as error:
        yield _finding(receipt, "archive_altered", str(error))
    except OSError as error:
        yield _finding(receipt, "archive_missing", f"{path.name} cannot be read: {error.strerror}")


def _lines(receipt: Receipt, path: Path, taken: Taken, heads: dict[int, SavedHead]) -> Iterator[Finding]:
    _, lines = files.opened(path)
    while some := list(islice(lines, CHUNK)):
        yield from _compared(receipt, path, some)
        for line in some:
            head = heads.get(line.position)
            if head and head.digest != line.digest:
                message = f"{path.name} does not go through the head that was saved there"
                yield Finding(receipt.organization_id, line.position, "history_replaced", message)
            if why := _text(line, taken):
                yield Finding(receipt.organization_id, line.position, *why)


def _compared(receipt: Receipt, path: Path, lines: list[files.Line]) -> Iterator[Finding]:
    """Compare them with the events that are still in the log, and with the joints where none is; the others' streams
    must have left."""
    place = {
        "organization_id": receipt.organization_id,
        "position__gte": lines[0].position,
        "position__lte": lines[-1].position,
    }
    there = dict(TaskEvent.objects.filter(**place).values_list("position", "digest"))
    known = dict(ArchiveJoint.objects.filter(**place).values_list("position", "digest")) | there
    gone = {line.event["stream"] for line in lines if line.position not in there}
    streams = ArchivedStream.objects.filter(organization_id=receipt.organization_id, stream_id__in=gone)
    left = {str(stream_id) for stream_id in streams.values_list("stream_id", flat=True)} if gone else set()
    for line in lines:
        if line.position not in there and line.event["stream"] not in left:
            message = f"the event is in {path.name}, and not in the log, though its stream has not left"
            yield Finding(receipt.organization_id, line.position, "position_missing", message)
        if known.get(line.position, line.digest) != line.digest:
            message = f"the log and {path.name} have another event here"
            yield Finding(receipt.organization_id, line.position, "archive_differs", message)


def _text(line: files.Line, taken: Taken) -> tuple[str, str] | None:
    """Say what is wrong with the text beside it; None where nothing is."""
    sealed = sealed_digest(line.event["action"], line.event["details"])
    found = "" if line.text is None else _digest(line.text)
    allowed = taken.get((line.event["stream"], line.event["version"]), set())
    if found == (sealed or "") or (sealed is not None and found in allowed):
        return None
    if line.text is None:
        return "text_missing", "the text in the archive is gone, and no erasure names it"
    return "text_altered", "the text in the archive is not the one that was written"


def _digest(text: files.Text) -> str:
    try:
        return text_digest(text.nonce, text.body)
    except ValueError:
        return "altered"


def _taken(organization_id: int, paths: list[Path]) -> Taken:
    """Gather what erasures say, in the log and in the files."""
    taken: Taken = {}
    events = TaskEvent.objects.filter(
        organization_id=organization_id, action__in=[TextsErased.action, ArchivedTextsErased.action]
    )
    for event in events:
        _take(taken, str(event.stream_id), event.fact)
    for path in paths:
        try:
            for line in files.opened(path)[1]:
                if line.event["action"] == TextsErased.action:
                    fact = read(line.event["action"], line.event["schema_version"], line.event["details"])
                    _take(taken, line.event["stream"], fact)
        except (files.UnusableFile, OSError):
            continue  # told where the file itself is looked at
    return taken


def _take(taken: Taken, stream: str, fact: object) -> None:
    if isinstance(fact, TextsErased):
        for version in fact.erased:
            taken.setdefault((stream, version), set()).add("")
        for each in fact.redacted:
            taken.setdefault((stream, each.version), set()).add(each.sha256)
    if isinstance(fact, ArchivedTextsErased):
        for text in fact.texts:
            taken.setdefault((text.stream, text.version), set()).add(text.sha256)


def _finding(receipt: Receipt, code: str, message: str) -> Finding:
    return Finding(receipt.organization_id, receipt.position, code, message)
