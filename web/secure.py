"""TLS at the web port, with a certificate that can be replaced while connections stand."""

import ssl


class Secure:
    """What a listener is given once, and what each new connection gets then."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.listening = context
        self.current = context
        """What connections that begin from now on are shown."""
        context.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _: ssl.SSLContext) -> None:
        # Called at each handshake, whether a name was asked for or not.
        connection.context = self.current
