"""What commands that read a backup are told."""

from django.core.management.base import CommandParser


def add_backup(parser: CommandParser) -> None:
    """Take a backup, by whom it may be signed, and where PostgreSQL's programs are."""
    parser.add_argument("backup", metavar="BACKUP", help="the folder, or a file in it")
    parser.add_argument(
        "--any-signature", action="store_true", help="take one that another SECRET_KEY has signed"
    )
    parser.add_argument("--programs", default="", metavar="DIR", help="where psql and pg_restore are")
