-- oldest program: 1
-- The tenants, the keys that sign tokens, the scripts of the three families and the run states of their users.

CREATE TABLE tenant (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tid TEXT UNIQUE,
  domain TEXT UNIQUE,
  licensed INTEGER NOT NULL DEFAULT 1,
  last_number INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE signing_key (
  kid TEXT PRIMARY KEY,
  private_jwk TEXT NOT NULL
) STRICT;

-- Counts the changes to tenants and keys, so that what is cached of them can be told from what is true.
CREATE TABLE directory (
  revision INTEGER NOT NULL
) STRICT;

INSERT INTO directory (revision) VALUES (1);

-- What deletions left behind: a parent's children, or with an empty table name all that a tenant had.
CREATE TABLE purge (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  parent_table TEXT NOT NULL,
  parent INTEGER NOT NULL,
  PRIMARY KEY (tenant, parent_table, parent)
) STRICT, WITHOUT ROWID;

CREATE TABLE script (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  number INTEGER NOT NULL,
  family TEXT NOT NULL,
  id TEXT NOT NULL,
  display_name TEXT,
  display_name_fold TEXT,
  description TEXT,
  description_fold TEXT,
  created_date_time TEXT NOT NULL,
  last_modified_date_time TEXT NOT NULL,
  run_as_account INTEGER NOT NULL,
  file_name TEXT,
  file_name_fold TEXT,
  role_scope_tag_ids TEXT,
  enforce_signature_check INTEGER,
  run_as_32_bit INTEGER,
  execution_frequency INTEGER,
  retry_count INTEGER,
  block_execution_notifications INTEGER,
  custom_attribute_name TEXT,
  custom_attribute_name_fold TEXT,
  custom_attribute_type INTEGER,
  script_content BLOB,
  PRIMARY KEY (tenant, number),
  UNIQUE (tenant, id),
  CHECK (CASE family
    WHEN 'deviceManagementScripts' THEN enforce_signature_check IS NOT NULL AND run_as_32_bit IS NOT NULL
    WHEN 'deviceShellScripts' THEN execution_frequency IS NOT NULL AND retry_count IS NOT NULL
      AND block_execution_notifications IS NOT NULL
    WHEN 'deviceCustomAttributeShellScripts' THEN custom_attribute_type IS NOT NULL
    ELSE 0
  END)
) STRICT;

CREATE TABLE user_state (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  script INTEGER NOT NULL,
  id TEXT NOT NULL,
  success_device_count INTEGER NOT NULL,
  error_device_count INTEGER NOT NULL,
  user_principal_name TEXT,
  user_principal_name_fold TEXT,
  PRIMARY KEY (tenant, script, id)
) STRICT, WITHOUT ROWID;
