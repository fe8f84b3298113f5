CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS accounts (
    bank_code TEXT NOT NULL, account_no TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
    PRIMARY KEY (bank_code, account_no)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS transactions (
    token TEXT PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    bank_reference TEXT NOT NULL UNIQUE,
    bank_code TEXT NOT NULL,
    account_no TEXT NOT NULL,
    payee_name TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL,
    code TEXT,
    reason TEXT,
    initiated_at INTEGER NOT NULL,
    due_at INTEGER,
    executed_at INTEGER,
    returned_at INTEGER,
    booked_amount INTEGER NOT NULL CHECK (booked_amount > 0),
    hidden INTEGER NOT NULL DEFAULT 0,
    return_due INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS transactions_due ON transactions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS transactions_return_due ON transactions (return_due) WHERE return_due IS NOT NULL;
-- One execution per payment, whatever happens to the process between confirm and its reply.
CREATE TABLE IF NOT EXISTS lines (
    id INTEGER PRIMARY KEY,
    booked_at INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    bank_reference TEXT NOT NULL,
    counterparty TEXT NOT NULL,
    hidden INTEGER NOT NULL,
    statement INTEGER REFERENCES statements (number),
    UNIQUE (bank_reference, kind)
);
CREATE INDEX IF NOT EXISTS lines_open ON lines (id) WHERE statement IS NULL AND hidden = 0;
CREATE INDEX IF NOT EXISTS lines_statement ON lines (statement, id);

CREATE TABLE IF NOT EXISTS statements (
    number INTEGER PRIMARY KEY,
    cut_at INTEGER NOT NULL,
    opening INTEGER NOT NULL,
    closing INTEGER NOT NULL,
    stem TEXT NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS uploads (
    name TEXT PRIMARY KEY,
    batch_ref TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    refused TEXT NOT NULL DEFAULT '',
    finished INTEGER NOT NULL DEFAULT 0,
    result_due INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload_lines (
    name TEXT NOT NULL REFERENCES uploads (name),
    ordinal INTEGER NOT NULL,
    reference TEXT NOT NULL,
    amount INTEGER NOT NULL,
    token TEXT NOT NULL,
    code TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (name, ordinal)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS upload_lines_reference ON upload_lines (reference);
