"""What an unexpected answer means and what helps. Amazon: faq, in its order of errors; then what no answer means."""

from dataclasses import dataclass

from sandbox.connectivity.calls import Reply, Trouble


@dataclass(frozen=True)
class Diagnosis:
    cause: str
    cure: str


REDIRECTED = Diagnosis(
    "The address answers with a redirect; Amazon does not follow one.",
    "Give --base-url, and Amazon's portal, the final address: https instead of http, the right host,"
    " no slash too many.",
)
NOT_JSON = Diagnosis(
    "The status is right, but the body is not JSON: something other than the connector may have answered.",
    "Open the address in a browser: a log-in page, a proxy, or an error page stands there.",
)
TAKES_ANYTHING = Diagnosis(
    "A body that breaks the contract was accepted.",
    "Check presence and form of the fields on Amazon's page before anything else, and answer 400 with errorMsg.",
)
INVALID_STORE = Diagnosis(
    "The connector knows no store with this id.",
    "Compare with the external id under store details in Amazon's portal; it is what Amazon sends. Give it to --store.",
)
TOO_STRICT = Diagnosis(
    "A body that Amazon may send was refused: by the connector, or by API Gateway's request validation before it.",
    "Refuse only missing or malformed required fields, never content or additional fields; keep gateway models open.",
)
NO_KEY = Diagnosis(
    "API Gateway or the connector does not let this caller in.",
    "Connector: --key is one of its CONNECTOR_API_KEYS, and the gateway's integration adds it as x-api-key. Gateway:"
    " its resource policy allows execute-api:Invoke to the role that calls (from here: --sigv4-region), and is"
    " deployed. “Missing Authentication Token” can also mean that the gateway has no such route.",
)
OPEN_DOOR = Diagnosis(
    "Anybody who knows the address can call this connector.",
    "Demand a key in the connector, and IAM with a resource policy in the API Gateway in front.",
)
NO_PROGRAMME = Diagnosis(
    "No loyalty programme was matched to the token, and that was taken for an error.",
    'Answer 200 with {"id": "...", "type": "SHOPPER", "action": "REJECT"}; never 401.',
)
UNKNOWN_CODE = Diagnosis(
    "The connector lets nobody in with this code.",
    "Name codes that it knows: --shopper-code, --associate-code; as plain text, they are sent in Base64.",
)
NO_ROUTE = Diagnosis(
    "No method was found for this route: the address differs from what Amazon calls, or the route is not deployed.",
    "Amazon appends v1/... to the address in its portal, which ends before /v1 and names the stage. In API Gateway,"
    " the resource needs a POST method, and the API has to be deployed.",
)
NOT_FOUND = Diagnosis(
    "The connector says that it does not have what was asked for.",
    "Name what it has with the command's options; a scan that was accepted has to be found by its id.",
)
NO_CONFIGURATION = Diagnosis(
    "The connector has no configuration for this store, and so decides nothing.",
    "Give the store gate rules in the admin, or name a store that has some with --store.",
)
WRONG_METHOD = Diagnosis(
    "The route exists, but not for POST.", "Add a POST method to the resource, and deploy the API."
)
WRONG_TYPE = Diagnosis(
    "The connector does not take application/json.",
    "The gateway's integration passes the Content-Type on, and the connector accepts application/json.",
)
LIMITED = Diagnosis(
    "Too many calls: the connector or API Gateway throttles.",
    "Wait a minute and play again; then raise the limit per store (IDENTITY_CALLS_PER_MINUTE) or of the"
    " gateway's stage.",
)
UNHANDLED = Diagnosis(
    "An exception in the connector, or API Gateway may not invoke what is behind it.",
    "Look into the connector's log. Nothing there: look into API Gateway's execution log, for example for “Invalid"
    " permissions on Lambda function”, and at the integration's address.",
)
GATEWAY = Diagnosis(
    "API Gateway or a proxy got no usable answer from the connector behind it.",
    "See that the connector runs and that the integration's address is right; API Gateway waits 29 seconds at most.",
)
UNEXPECTED = Diagnosis(
    "The answer is not what Amazon documents for this case.", "Compare with Amazon's page of this call."
)

BY_TROUBLE = {
    Trouble.UNKNOWN_HOST: Diagnosis("The host's name is unknown.", "Check --base-url for typing errors, and DNS."),
    Trouble.REFUSED: Diagnosis(
        "Nothing listens at this address.",
        "Start the connector (make demo), or correct --base-url; from elsewhere, firewalls count, too.",
    ),
    Trouble.TLS: Diagnosis(
        "The TLS connection failed: the certificate is not valid for this host, expired, or nobody speaks TLS there.",
        "Install a certificate of a public authority with its chain; on this machine, give --base-url http://.",
    ),
    Trouble.TIMED_OUT: Diagnosis(
        "No answer in time. At a gate somebody stands waiting.",
        "Answer first and work afterwards; see whether the database or a service behind it hangs."
        " --timeout waits longer.",
    ),
    Trouble.BROKEN: Diagnosis(
        "The connection was cut before an answer came.",
        "See whether the connector or a proxy before it crashed or restarted, and whether http or https is meant.",
    ),
}
BY_STATUS = {
    401: NO_KEY,
    403: NO_KEY,
    404: NO_ROUTE,
    405: WRONG_METHOD,
    413: TOO_STRICT,
    415: WRONG_TYPE,
    429: LIMITED,
    500: UNHANDLED,
    502: GATEWAY,
    503: GATEWAY,
    504: GATEWAY,
}


def diagnose(section: str, reply: Reply, expected: tuple[int, ...]) -> Diagnosis | None:
    """Of an answer whose status was not expected, or that is not JSON. None: what is wrong needs no explanation."""
    if reply.trouble:
        return BY_TROUBLE[reply.trouble]
    if reply.status in expected:
        return NOT_JSON if reply.content is None else None
    if 300 <= reply.status < 400:
        return REDIRECTED
    if reply.status < 300:
        return OPEN_DOOR if 403 in expected else TAKES_ANYTHING
    if reply.status == 400:
        return INVALID_STORE if "store" in reply.said.lower() else TOO_STRICT
    if reply.status == 401 and section in ("identity", "loyalty"):
        return NO_PROGRAMME if section == "loyalty" else UNKNOWN_CODE
    if reply.status == 404 and "errorMsg" in (reply.content or {}):
        return NO_CONFIGURATION if section == "authorization" else NOT_FOUND
    return BY_STATUS.get(reply.status, UNHANDLED if reply.status >= 500 else UNEXPECTED)
