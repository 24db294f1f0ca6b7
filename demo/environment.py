"""What the launcher reads from the environment, and what it gives to the processes that it starts."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from environ import Env

env = Env()

AWS_OF_THE_DEMO = {
    "AWS_ACCESS_KEY_ID": "demo-access-key",
    "AWS_SECRET_ACCESS_KEY": "demo-secret-key",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    port: int
    sandbox_port: int
    trips_per_minute: int

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{HERE}:{self.sandbox_port}"


def read_options() -> Options:
    return Options(
        port=env.int("PORT", default=8000),
        sandbox_port=env.int("SANDBOX_PORT", default=9000),
        trips_per_minute=env.int("DEMO_TRIPS", default=6),
    )


def read_password() -> str:
    return str(env.str("DEMO_PASSWORD", default="demo-password"))


def mail_folder() -> Path:
    """Where the mails go that the demo sends."""
    folder: Path = settings.VAR_DIR
    return folder / "mail"


def environment_of_children(options: Options) -> dict[str, str]:
    """This process's environment without the user's AWS settings; Amazon is the sandbox, and mails become files."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    no_proxy = ",".join(filter(None, [HERE, "localhost", mine.get("NO_PROXY") or mine.get("no_proxy")]))
    return (
        mine
        | AWS_OF_THE_DEMO
        | {
            "AMAZON_PAYMENTS_URL": options.sandbox_url,
            "AMAZON_CHECKOUT_URL": options.sandbox_url,
            "AMAZON_FEEDBACK_URL": options.sandbox_url,
            "AMAZON_CATALOG_URL": options.sandbox_url,
            "RECONCILE_BOOKS_URL": f"{options.sandbox_url}/books",
            "EMAIL_URL": f"filemail:///{quote(str(mail_folder()))}",
            "BASE_URL": options.url,
            "DJANGO_SETTINGS_MODULE": "jwo_backoffice.settings",
            "ENV_FILE": str(settings.BASE_DIR / "demo.env"),
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
            "PYTHONUNBUFFERED": "1",
        }
    )
