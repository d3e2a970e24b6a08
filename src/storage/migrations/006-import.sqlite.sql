-- oldest program: 6
-- How far the import of a file has come: changed in the transaction that stores its lines, gone with the last of them.

CREATE TABLE import_progress (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  source TEXT NOT NULL,
  next_line INTEGER NOT NULL,
  PRIMARY KEY (tenant, source)
) STRICT, WITHOUT ROWID;
