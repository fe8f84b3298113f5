"""An SCB look-alike for development, demonstrations and tests: mutual TLS, SFTP, callbacks and faults on demand."""
