"""Verify an export of Carillon: python3 verify_export.py FILE [HEADS]. HEADS has lines that export_head wrote."""

import gzip
import hashlib
import json
import os
import sys


def need(holds, why):
    if not holds:
        raise ValueError(why)


def canonical(said):
    return json.dumps(
        said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def texts_taken(stream, action, details):
    if action == "texts_erased":
        yield from ((stream, version, None) for version in details["erased"])
        yield from ((stream, each["version"], each["sha256"]) for each in details["redacted"])
    if action == "archived_texts_erased":
        yield from ((each["stream"], each["version"], each["sha256"] or None) for each in details["texts"])


def verify(path, heads=()):
    counts = dict.fromkeys(("people", "events", "texts", "notifications"), 0)
    saved = {(head["org_id"], head["position"]): head["digest"] for head in heads}
    given = len(saved)
    header, end, position, digest, whole, other, taken = {}, None, 0, "0" * 64, hashlib.sha256(), {}, {}
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        for number, line in enumerate(file, 1):
            said = json.loads(line)
            need(canonical(said) + b"\n" == line and not end, f"line {number} is not as it was written")
            need(("header" in said) == (number == 1), f"line {number}: a header is missing, or one too many")
            if "header" in said:
                header = said["header"]
                own, origins = header["organization"]["id"], header.get("origins", [])
            elif "archived" in said:  # these events are not in the file
                need(said["archived"]["first"] == position + 1, f"line {number} leaves a hole")
                position, digest = said["archived"]["last"], said["archived"]["digest"]
            elif "event" in said:
                event, text, position = said["event"], said.get("text"), position + 1
                digest = sha256(digest.encode() + canonical(event))
                need(digest == said["digest"], f"line {number}: the chain breaks at position {position}")
                seals = [
                    held["sha256"]
                    for held in event["details"].values()
                    if isinstance(held, dict) and "sha256" in held
                ]
                found = text and sha256(bytes.fromhex(text["nonce"]) + text["body"].encode())
                if found != (seals[0] if seals else None):
                    other[event["stream"], event["version"]] = found, number
                for stream, version, left in texts_taken(event["stream"], event["action"], event["details"]):
                    taken[stream, version] = left
                counts["events"] += 1
                counts["texts"] += text is not None
            elif "end" in said:
                end = said["end"]
                need(end == counts | {"digest": whole.hexdigest()}, "the end tells of other lines than these")
            else:
                counts["people" if "person" in said else "notifications"] += 1
            org = next((each["organization"] for each in origins if position <= each["upto"]), own)
            is_here = "event" not in said or (event["position"], event["organization"]) == (position, org)
            need(is_here, f"line {number} is another's")
            kept = saved.pop((org, position), digest)
            need(kept == digest, f"position {position} is not the one of the saved head")
            whole.update(line)
    need(end, "the end is missing")
    need((position, digest) == (header["position"], header["digest"]), "the log ends elsewhere")
    for place, (found, number) in other.items():
        need(taken.get(place, 0) == found, f"line {number}: the text is not the one that was written")
    beyond = [place for org, place in saved if org == own]
    need(not beyond, f"the log does not reach the saved head at position {max(beyond, default=0)}")
    need(not given or len(saved) < given, "no saved head is of this log")
    return header["organization"]["short_name"], position, digest


if __name__ == "__main__":
    try:
        with open(sys.argv[2] if len(sys.argv) > 2 else os.devnull) as file:
            saved = [json.loads(line[: line.rindex("}") + 1]) for line in file]
        print(*verify(sys.argv[1], saved))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError, EOFError) as error:
        sys.exit(f"Not verified: {error}")
