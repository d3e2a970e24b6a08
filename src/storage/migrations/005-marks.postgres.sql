-- oldest program: 3
-- States of tenants that a reset goes back to.

-- The rows of a mark are those of a tenant without a name, and never change. Ahead of the next reset they are copied to
-- another, table by table in the order of the keys: copied_table and copied_key tell how far, and null that it is done.
CREATE TABLE mark (
  tid text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  number integer NOT NULL UNIQUE REFERENCES tenant (number),
  copy integer UNIQUE REFERENCES tenant (number),
  copied_table text COLLATE "C",
  copied_key text COLLATE "C",
  PRIMARY KEY (tid, name)
);
