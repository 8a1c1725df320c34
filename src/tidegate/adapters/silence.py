"""Why a service gave no answer, in words that hold nothing of what was asked."""

_WORDS = {
    "ConnectTimeout": "no connection in time",
    "ReadTimeout": "no answer in time",
    "ReadTimeoutError": "no answer in time",
    "ConnectionError": "no connection",
    "SSLError": "its certificate is not trusted",
    "ProxyError": "the proxy refused",
    "ProtocolError": "the answer broke off",
    "IncompleteRead": "the answer broke off",
}


def reason(error: Exception) -> str:
    """The library's class says enough; its text holds addresses, which may hold tokens."""
    return _WORDS.get(type(error).__name__, type(error).__name__)
