"""Who the people of an export are here: accounts that the operator names, and for all others closed accounts that stand
for them, without a password or an address."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from operations.transfer.checking import CannotImport
from operations.transfer.lines import Person
from orgs.account_services import OPERATIONS, create_stand_in
from orgs.models import User

COLUMNS = ["person", "account"]


def mapped(path: Path, people: Mapping[int, Person]) -> dict[int, User]:
    """Read a map: CSV with the columns `person`, a number or user name in the export, and `account`, a user name here.
    Raises CannotImport that says which line does not fit, OSError."""
    by_name = {person.user_name: person.id for person in people.values()}
    found: dict[int, User] = {}
    for number, said, account in _rows(path):
        number_said = int(said) if said.isdecimal() and len(said) < 19 else 0
        person = by_name.get(said) or number_said
        user = User.objects.named(account)
        if person not in people:
            raise CannotImport(f"{path}, line {number}: the export speaks of nobody called '{said}'.")
        if number_said in people and person != number_said:
            raise CannotImport(
                f"{path}, line {number}: '{said}' is the number of one person and the name of another."
            )
        if user is None:
            raise CannotImport(
                f"{path}, line {number}: there is no account with the user name '{account}' here."
            )
        if user.is_service or user.username == OPERATIONS:
            raise CannotImport(f"{path}, line {number}: '{account}' is no person's account.")
        if person in found or user in found.values():
            raise CannotImport(
                f"{path}, line {number}: one person is one account. '{said}' or '{account}' was there."
            )
        found[person] = user
    return found


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            if next(rows, []) != COLUMNS:
                raise CannotImport(f"{path}: the first line should be '{','.join(COLUMNS)}'.")
            for row in rows:
                if row and len(row) != len(COLUMNS):
                    raise CannotImport(
                        f"{path}, line {rows.line_num}: there should be a person and an account."
                    )
                if row:
                    yield rows.line_num, row[0].strip(), row[1].strip()
    except (UnicodeDecodeError, csv.Error) as error:
        raise CannotImport(f"{path} is no CSV in UTF-8: {error}.") from error


def accounts(people: Mapping[int, Person], mapped_ones: Mapping[int, User]) -> dict[int, int]:
    """Find or make the account of everybody: number in the export -> number here."""
    return {
        number: mapped_ones[number].pk if number in mapped_ones else _stand_in(person).pk
        for number, person in people.items()
    }


def _stand_in(person: Person) -> User:
    return create_stand_in(person.user_name, person.name, is_erased=person.erased)
