"""A small OpenID provider over HTTP: it signs, checks secret and PKCE, and lies in chosen ways."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "back-office", "the-provider-knows-this"
Json = dict[str, Any]


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Person:
    """Who is signed in there, and what is told of them."""

    sub: str = "person-1"
    id_token: Json = field(default_factory=dict)
    userinfo: Json = field(default_factory=dict)


class OidcProvider:
    def __init__(self) -> None:
        self.person = Person()
        self.key, self.strangers_key = _new_key(), _new_key()
        self.forget_lies()
        self._grants: dict[str, Json] = {}
        self._people: dict[str, Person] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def forget_lies(self) -> None:
        self.issuer_in_config = self.issuer_in_token = ""
        self.audience = CLIENT_ID
        self.signs_with = "key"
        self.lifetime = 300
        self.sends_id_token = True
        self.broken = ""

    def __enter__(self) -> "OidcProvider":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    # --- What it answers: status, headers, body ---

    def configuration(self, query: Json) -> tuple[int, Json]:
        return 200, {
            "issuer": self.issuer_in_config or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, query: Json) -> str:
        """Where it sends the browser: the person is signed in there already."""
        assert query["client_id"] == CLIENT_ID
        assert query["response_type"] == "code"
        assert set(query["scope"].split()) >= {"openid", "email"}
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self._grants[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: Json) -> tuple[int, Json]:
        grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 400, {"error": "invalid_grant"}
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if proof != grant["code_challenge"] or form["redirect_uri"] != grant["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe()
        self._people[access] = self.person
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        return 200, answer | ({"id_token": self._id_token()} if self.sends_id_token else {})

    def userinfo(self, access: str) -> tuple[int, Json]:
        person = self._people.get(access)
        return (200, {"sub": person.sub} | person.userinfo) if person else (401, {"error": "invalid_token"})

    def keys(self, query: Json) -> tuple[int, Json]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return 200, {"keys": [public | {"kid": "k1", "alg": "RS256", "use": "sig"}]}

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer_in_token or self.issuer_in_config or self.issuer,
            "aud": self.audience,
            "sub": self.person.sub,
            "iat": now,
            "exp": now + self.lifetime,
        } | self.person.id_token
        if self.signs_with == "none":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": "k1"})
        if self.signs_with == "secret":
            return jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "k1"})
        key = self.key if self.signs_with == "key" else self.strangers_key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})


def _handler_of(provider: OidcProvider) -> type["_Handler"]:
    return type("Handler", (_Handler,), {"provider": provider})


class _Handler(BaseHTTPRequestHandler):
    provider: OidcProvider

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if self._is_broken(url.path):
            return
        query = _flat(url.query)
        if url.path == "/authorize":
            self._send(302, b"", location=self.provider.authorize(query))
        elif url.path == "/userinfo":
            self._json(*self.provider.userinfo(self.headers["Authorization"].removeprefix("Bearer ")))
        else:
            self._json(*(self.provider.keys(query) if url.path == "/keys" else self.provider.configuration(query)))

    def do_POST(self) -> None:
        form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if not self._is_broken(self.path):
            self._json(*self.provider.token(form))

    def _is_broken(self, path: str) -> bool:
        is_broken = bool(self.provider.broken) and path.startswith(self.provider.broken)
        if is_broken:
            self._send(500, b"<html>oops</html>")
        return is_broken

    def _json(self, status: int, body: Json) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str = "text/html", location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Not into the tests' output."""


def _flat(query: str) -> Json:
    return {name: values[0] for name, values in parse_qs(query).items()}
