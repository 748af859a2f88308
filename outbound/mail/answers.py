"""What a mail server's answer means: for this message, for its address, or for all mail."""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused

from base.dependencies import reason_of
from outbound.channels import Away, Later, Refused
from outbound.mail import addresses
from outbound.models import Unreachable

NO_SUCH_MAILBOX = (550, 551, 553)  # RFC 5321
_OF_POLICY = re.compile(r"\b5\.7\.\d+")  # RFC 3463: it is not the mailbox, but what it thinks of us
_OF_MAILBOX = re.compile(r"\b5\.1\.\d+")


@contextmanager
def judged(address: str) -> Iterator[None]:
    """Raise Later, Refused or Away in the place of what a backend raises; an address that is no mailbox is marked."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _of_recipient(address, code, _text(answer)) from None
    except smtplib.SMTPDataError as error:
        said = _said(error)
        if 400 <= error.smtp_code < 500:
            raise Later(said) from None
        if _OF_MAILBOX.search(said):
            raise _of_recipient(address, 550, said) from None
        raise Refused(said) from None
    except smtplib.SMTPSenderRefused as error:
        raise (Refused if error.smtp_code == 552 else Away)(_said(error)) from None  # 552: it is too large
    except AnymailRecipientsRefused as error:
        raise _of_recipient(address, 550, _one_line(str(error))) from None
    except AnymailAPIError as error:
        raise _of_service(error) from None
    except (smtplib.SMTPNotSupportedError, ValueError) as error:  # a header or an address that is none
        raise Refused(
            f"the message cannot be written as the server takes it ({type(error).__name__})"
        ) from None
    except smtplib.SMTPResponseException as error:  # at the greeting or at signing in
        raise Away(_said(error)) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Away(f"it does not answer: {reason_of(error)}") from None


def _of_recipient(address: str, code: int, said: str) -> Later | Refused:
    if 400 <= code < 500:
        return Later(f"{code} {said}")
    if code in NO_SUCH_MAILBOX and not _OF_POLICY.search(said):
        addresses.mark(address, Unreachable.Why.BOUNCED, said)
    return Refused(f"{code} {said}")


def _of_service(error: AnymailAPIError) -> Later | Refused | Away:
    status = getattr(error, "status_code", None)
    said = f"the mail service answered {status}" if status else "the mail service does not answer"
    if status in (400, 413, 422):
        return Refused(said)
    return Away(said)


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(answer: bytes | str) -> str:
    return _one_line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
