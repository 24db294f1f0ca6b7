"""Production's settings for the server of the browser tests. Its collected files lie beside its data."""

from jwo_backoffice.settings import *  # noqa: F403
from jwo_backoffice.settings import VAR_DIR

STATIC_ROOT = VAR_DIR / "static_root"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 3600  # people sign in once for the whole run, however long that takes
