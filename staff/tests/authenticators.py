"""What people hold in their hands: an app with codes, and a passkey. Made from the standards, not from what we call."""

import base64
import hashlib
import hmac
import json
import os
import re
import struct
import time
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN = "https://testserver"
SECRET = re.compile(r'class="bo-account-secret">([A-Z2-7]+)<')


def code_of(secret: str, steps: int = 0) -> str:
    """RFC 6238: the six digits that the app shows, now or so many half minutes on."""
    digest = hmac.new(
        base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1
    ).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def wrong_code_of(secret: str) -> str:
    shown = {code_of(secret, steps) for steps in (-2, -1, 0, 1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in shown)


class Passkey:
    """WebAuthn's authenticator, with a finger always on it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.uses = 0

    def register(self, options: dict[str, Any], origin: str = ORIGIN) -> str:
        """The answer to navigator.credentials.create(), as the page posts it."""
        self.user_handle = options["publicKey"]["user"]["id"]
        public_key = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public_key)
        data = self._data(options["publicKey"]["rp"]["id"], credential)
        attestation = AttestationObject.create("none", data, {})
        client_data = self._client_data("webauthn.create", options, origin)
        response = {"clientDataJSON": _b64(client_data), "attestationObject": _b64(attestation)}
        return self._answer(response, {"credProps": {"rk": True}})

    def sign(self, options: dict[str, Any], origin: str = ORIGIN) -> str:
        """The answer to navigator.credentials.get()."""
        data = self._data(options["publicKey"]["rpId"])
        client_data = self._client_data("webauthn.get", options, origin)
        signed = bytes(data) + hashlib.sha256(client_data).digest()
        response = {
            "clientDataJSON": _b64(client_data),
            "authenticatorData": _b64(data),
            "signature": _b64(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.user_handle,
        }
        return self._answer(response, {})

    def _data(self, site: str, credential: AttestedCredentialData | None = None) -> AuthenticatorData:
        self.uses += 1
        flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
        if credential:
            flags |= AuthenticatorData.FLAG.AT
        return AuthenticatorData.create(hashlib.sha256(site.encode()).digest(), flags, self.uses, credential or b"")

    def _client_data(self, kind: str, options: dict[str, Any], origin: str) -> bytes:
        told = {"type": kind, "challenge": options["publicKey"]["challenge"], "origin": origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        answer = {
            "id": _b64(self.id),
            "rawId": _b64(self.id),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": extensions,
        }
        return json.dumps(answer)


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
