"""The bank's side of mutual TLS: client certificates demanded, handshakes counted, expiry on demand."""

from __future__ import annotations

import ssl

from lab.sandbox_bank.faults import Fault, FaultBoard
from server.pki import Identity


class BankTls:
    """One server context for the life of the bank; `handshakes` counts those that succeeded."""

    def __init__(self, authority_file: str, good: Identity, expired: Identity, faults: FaultBoard) -> None:
        self.handshakes = 0
        self._good, self._expired, self._faults = good, expired, faults
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_verify_locations(cafile=authority_file)
        self.context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
        self.show_certificate()
        outer = self

        class Watched(ssl.SSLObject):
            """Tells the bank about every handshake that ends."""

            def do_handshake(self) -> None:
                try:
                    super().do_handshake()
                except ssl.SSLWantReadError:
                    raise
                except ssl.SSLError:
                    outer.ended(succeeded=False)
                    raise
                outer.ended(succeeded=True)

        self.context.sslobject_class = Watched

    def show_certificate(self) -> None:
        """Show new connections the good certificate, or the one that has run out."""
        shown = self._expired if self._faults.is_on(Fault.SERVER_CERTIFICATE_EXPIRED) else self._good
        self.context.load_cert_chain(shown.certificate, shown.key)

    def ended(self, *, succeeded: bool) -> None:
        """Count a handshake; in TLS 1.3 the client has sent its request by the time its certificate is refused."""
        self._faults.strike(Fault.SERVER_CERTIFICATE_EXPIRED, "handshake")
        self.show_certificate()
        if not succeeded:
            return
        if self._faults.strike(Fault.CLIENT_CERTIFICATE_EXPIRED, "handshake"):
            raise ssl.SSLError("certificate has expired")
        self.handshakes += 1
