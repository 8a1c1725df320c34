"""An issuer of identity tokens that may speak for any CI system: only this stack's certificates believe it."""

import hashlib
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from sigstack.ca import key_id, new_key
from sigstack.claims import Claims

REQUEST_TOKEN = "request-" + hashlib.sha256(b"sigstack").hexdigest()[:20]


class Issuer:
    def __init__(self) -> None:
        self._key = new_key()
        self.kid = key_id(self._key.public_key()).hex()[:16]

    def token(self, claims: Claims, *, life: int = 600) -> str:
        """A signed token; `iat`, `nbf` and `exp` are set unless the claims have them."""
        now = int(time.time())
        times = {"iat": now - 5, "nbf": now - 5, "exp": now + life}
        return jwt.encode(times | claims, self._key, algorithm="ES256", headers={"kid": self.kid})

    def read(self, token: str) -> Claims:
        """The claims of a valid token for Sigstore. jwt.PyJWTError for any other."""
        key: ec.EllipticCurvePublicKey = self._key.public_key()
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["ES256"], audience="sigstore", leeway=5)
        return claims

    def jwks(self) -> dict[str, Any]:
        public = jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": self.kid, "alg": "ES256", "use": "sig"}]}
