-- oldest program: 1
-- The tenants, the keys that sign tokens, the scripts of the three families and the run states of their users.

CREATE TABLE tenant (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tid text COLLATE "C" UNIQUE,
  domain text COLLATE "C" UNIQUE,
  licensed smallint NOT NULL DEFAULT 1,
  last_number bigint NOT NULL DEFAULT 0
);

CREATE TABLE signing_key (
  kid text COLLATE "C" PRIMARY KEY,
  private_jwk text COLLATE "C" NOT NULL
);

-- Counts the changes to tenants and keys, so that what is cached of them can be told from what is true.
CREATE TABLE directory (
  revision bigint NOT NULL
);

INSERT INTO directory (revision) VALUES (1);

-- What deletions left behind: a parent's children, or with an empty table name all that a tenant had.
CREATE TABLE purge (
  tenant integer NOT NULL REFERENCES tenant (number),
  parent_table text COLLATE "C" NOT NULL,
  parent bigint NOT NULL,
  PRIMARY KEY (tenant, parent_table, parent)
);

CREATE TABLE script (
  tenant integer NOT NULL REFERENCES tenant (number),
  number bigint NOT NULL,
  family text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  display_name text COLLATE "C",
  display_name_fold text COLLATE "C",
  description text COLLATE "C",
  description_fold text COLLATE "C",
  created_date_time text COLLATE "C" NOT NULL,
  last_modified_date_time text COLLATE "C" NOT NULL,
  run_as_account smallint NOT NULL,
  file_name text COLLATE "C",
  file_name_fold text COLLATE "C",
  role_scope_tag_ids text COLLATE "C",
  enforce_signature_check boolean,
  run_as_32_bit boolean,
  execution_frequency bigint,
  retry_count integer,
  block_execution_notifications boolean,
  custom_attribute_name text COLLATE "C",
  custom_attribute_name_fold text COLLATE "C",
  custom_attribute_type smallint,
  script_content bytea,
  PRIMARY KEY (tenant, number),
  UNIQUE (tenant, id),
  CHECK (CASE family
    WHEN 'deviceManagementScripts' THEN enforce_signature_check IS NOT NULL AND run_as_32_bit IS NOT NULL
    WHEN 'deviceShellScripts' THEN execution_frequency IS NOT NULL AND retry_count IS NOT NULL
      AND block_execution_notifications IS NOT NULL
    WHEN 'deviceCustomAttributeShellScripts' THEN custom_attribute_type IS NOT NULL
    ELSE false
  END)
);

CREATE TABLE user_state (
  tenant integer NOT NULL REFERENCES tenant (number),
  script bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  success_device_count integer NOT NULL,
  error_device_count integer NOT NULL,
  user_principal_name text COLLATE "C",
  user_principal_name_fold text COLLATE "C",
  PRIMARY KEY (tenant, script, id)
);
