"""Verify an export of Carillon: python3 verify_export.py FILE [HEADS]. HEADS has lines that export_head wrote."""

import gzip
import hashlib
import json
import sys


def need(holds, why):
    if not holds:
        raise ValueError(why)


def refuse(text):
    raise ValueError(f"{text} is no number that an export has")


def verify(path, heads=()):
    whole, taken, open_texts, end = hashlib.sha256(), {}, {}, None
    position, digest, header, known = 0, "0" * 64, None, {head["position"]: head["digest"] for head in heads}
    counts = dict.fromkeys(("people", "events", "texts", "notifications"), 0)
    for number, line in enumerate(gzip.open(path) if path.endswith(".gz") else open(path, "rb"), 1):
        said = json.loads(line, parse_constant=refuse, parse_float=refuse)
        same = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        need(same == line and end is None, f"line {number} is not as it was written")
        need(("header" in said) == (number == 1), f"line {number} is no header, or one too many")
        if number == 1:
            header = said["header"]
        elif "end" in said:
            end = said["end"]
            need(
                end == counts | {"digest": whole.hexdigest()},
                "what was written before the end is not all here",
            )
        elif "archived" in said:
            need(said["archived"]["first"] == position + 1, f"line {number} leaves a hole")
            position, digest = said["archived"]["last"], said["archived"]["digest"]
        elif "event" in said:
            event, text, position = said["event"], said.get("text"), position + 1
            place, details = (event["stream"], event["version"]), event["details"]
            numbers = (each["organization"] for each in header.get("origins", []) if position <= each["upto"])
            own = next(numbers, header["organization"]["id"])
            need((event["position"], event["organization"]) == (position, own), f"line {number} is another's")
            bytes_ = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            digest = hashlib.sha256(digest.encode() + bytes_).hexdigest()
            need(digest == said["digest"], f"line {number}, position {position}: the chain breaks")
            seals = [
                each["sha256"] for each in details.values() if isinstance(each, dict) and "sha256" in each
            ]
            sealed = text and hashlib.sha256(bytes.fromhex(text["nonce"]) + text["body"].encode()).hexdigest()
            if sealed != (seals[0] if seals else None):
                open_texts[place] = sealed, number
            if event["action"] == "texts_erased":
                taken |= {(event["stream"], version): None for version in details["erased"]}
                taken |= {(event["stream"], each["version"]): each["sha256"] for each in details["redacted"]}
            for each in details["texts"] if event["action"] == "archived_texts_erased" else ():
                taken[each["stream"], each["version"]] = each.get("sha256") or None
            counts["texts"] += text is not None
            counts["events"] += 1
        else:
            counts["people" if "person" in said else "notifications"] += 1
        need(known.get(position, digest) == digest, f"position {position} is not the one of the saved head")
        known.pop(position, None)
        whole.update(line)
    need(end, "the end is missing")
    need((position, digest) == (header["position"], header["digest"]), "the log ends elsewhere")
    for place, (sealed, number) in open_texts.items():
        need(
            place in taken and taken[place] == sealed,
            f"line {number}: the text is not the one that was written",
        )
    need(not known, f"the log does not reach the saved head at position {max(known, default=0)}")
    return header["organization"]["short_name"], position, digest


if __name__ == "__main__":
    try:
        lines = open(sys.argv[2]).read().splitlines() if len(sys.argv) > 2 else []
        print(*verify(sys.argv[1], [json.loads(line[: line.rindex("}") + 1]) for line in lines]))
    except (ValueError, LookupError, TypeError, OSError, EOFError) as error:
        sys.exit(f"Not verified: {error}")
