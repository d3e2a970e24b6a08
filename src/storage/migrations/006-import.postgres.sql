-- oldest program: 6
-- How far the import of a file has come: changed in the transaction that stores its lines, gone with the last of them.

CREATE TABLE import_progress (
  tenant integer NOT NULL REFERENCES tenant (number),
  source text COLLATE "C" NOT NULL,
  next_line bigint NOT NULL,
  PRIMARY KEY (tenant, source)
);
