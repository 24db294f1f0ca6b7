"""What the launcher prints once everything runs."""

from demo.environment import Options, mail_folder
from demo.people import LOGINS

TEXT = """
The demo runs. Ctrl-C stops all of it; its logs are in {logs}.

  Admin              {url}/admin/
  Read API           {url}/api/v1/trips/
  Its schema         {url}/api/schema/
  Sandbox's books    {sandbox_url}/books   (what "Amazon" believes)
  Receipts           {mails}   (each mail a file)

  Log in as {logins}, password {password}.
{trips}
Try, in another terminal and in this folder:

  # Amazon's cart of the FAQ, as a new trip; it is charged within seconds
  sed "s/41bc23b6-c9a8-41f4-8898-54120ddff5d9/$(python3 -c 'import uuid; print(uuid.uuid4())')/" \\
    docs/carts/card_entry.json | curl -s -d @- -H 'Content-Type: application/json' \\
    -H 'x-api-key: demo-connector-key' {url}/v1/order/purchases

  # the newest trips, as the retailer's own systems see them
  curl -s -H 'Authorization: Bearer demo-read-key' {url}/api/v1/trips/

  # Amazon's own test cases, played against the demo (docs/connectivity.md)
  ENV_FILE=demo.env .venv/bin/python manage.py connectivity_test{target}

  # three random visits; any other command works on the demo's data, too
  ENV_FILE=demo.env .venv/bin/python manage.py send_trip --random --count 3{addresses}
"""

DEFAULT_ADDRESSES = ("http://127.0.0.1:8000", "http://127.0.0.1:9000")


def greeting(options: Options, password: str, logs: object) -> str:
    is_default = password == "demo-password"
    rate = options.trips_per_minute
    pace = f"{rate} trips a minute come in" if rate != 1 else "One trip a minute comes in"
    is_elsewhere = (options.url, options.sandbox_url) != DEFAULT_ADDRESSES
    return TEXT.format(
        url=options.url,
        sandbox_url=options.sandbox_url,
        logs=logs,
        mails=mail_folder(),
        logins=f"{', '.join(LOGINS[:-1])} or {LOGINS[-1]}",
        password=password if is_default else "as set in DEMO_PASSWORD",
        trips=f"  {pace} by themselves (DEMO_TRIPS=0: none).\n" if rate > 0 else "",
        target=f" --base-url {options.url}" if options.url != DEFAULT_ADDRESSES[0] else "",
        addresses=f" \\\n    --connector-url {options.url} --sandbox-url {options.sandbox_url}" if is_elsewhere else "",
    )
