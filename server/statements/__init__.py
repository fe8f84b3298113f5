"""Bank statements: fetching by SFTP, strict reading, import."""
