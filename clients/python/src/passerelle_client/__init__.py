"""The client of the API Passerelle: the operations of the contract, and what every client needs.

    from passerelle_client import ClientCredentials, connect, rows
    from passerelle_client.generated.api.referrals import list_referrals

    with connect("http://127.0.0.1:8080", ClientCredentials(client_id, client_secret)) as api:
        for referral in rows(list_referrals.sync, client=api): ...
"""

from .connection import Passerelle, connect
from .generated.contract import VERSION
from .lists import Batch, FilePlace, Place, follow, pages, rows
from .problems import ConflictError, ProblemError, SignInNeeded, take
from .sending import Retries
from .tokens import ClientCredentials, Tokens, UserCredentials
from .webhooks import NotGenuine, verify_webhook
from .writing import NotApplicable, if_match, update

__version__ = VERSION
__all__ = [
    "Batch", "ClientCredentials", "ConflictError", "FilePlace", "NotApplicable", "NotGenuine", "Passerelle", "Place", "ProblemError",
    "Retries", "SignInNeeded", "Tokens", "UserCredentials", "VERSION", "connect", "follow", "if_match", "pages", "rows",
    "take", "update", "verify_webhook",
]
