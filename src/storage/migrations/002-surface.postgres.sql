-- oldest program: 2
-- Assignments, the run states of devices, the summaries of scripts, and the devices themselves.

-- Group assignments are the rows whose target is a group. A new one has no filter.
CREATE TABLE assignment (
  tenant integer NOT NULL REFERENCES tenant (number),
  script bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  target_type text COLLATE "C",
  target_device_and_app_management_assignment_filter_id text COLLATE "C",
  target_device_and_app_management_assignment_filter_type smallint DEFAULT 0,
  target_group_id text COLLATE "C",
  target_collection_id text COLLATE "C",
  PRIMARY KEY (tenant, script, id)
);

-- Linked to the device, and to the user's state by whose way it was created.
CREATE TABLE device_state (
  tenant integer NOT NULL REFERENCES tenant (number),
  script bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  run_state smallint NOT NULL,
  last_state_update_date_time text COLLATE "C" NOT NULL,
  error_code integer NOT NULL,
  error_description text COLLATE "C",
  error_description_fold text COLLATE "C",
  managed_device text COLLATE "C",
  user_state text COLLATE "C",
  result_message text COLLATE "C",
  PRIMARY KEY (tenant, script, id)
);

-- Counters that every write of a run state moves: in several slots, summed on reading.
CREATE TABLE run_summary (
  tenant integer NOT NULL REFERENCES tenant (number),
  script bigint NOT NULL,
  slot smallint NOT NULL,
  id text COLLATE "C" NOT NULL,
  success_device_count integer NOT NULL,
  error_device_count integer NOT NULL,
  success_user_count integer NOT NULL,
  error_user_count integer NOT NULL,
  PRIMARY KEY (tenant, script, slot)
);

CREATE TABLE managed_device (
  tenant integer NOT NULL REFERENCES tenant (number),
  id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C",
  user_id_fold text COLLATE "C",
  device_name text COLLATE "C",
  device_name_fold text COLLATE "C",
  enrolled_date_time text COLLATE "C" NOT NULL,
  last_sync_date_time text COLLATE "C" NOT NULL,
  operating_system text COLLATE "C",
  operating_system_fold text COLLATE "C",
  os_version text COLLATE "C",
  os_version_fold text COLLATE "C",
  email_address text COLLATE "C",
  email_address_fold text COLLATE "C",
  azure_ad_device_id text COLLATE "C",
  azure_ad_device_id_fold text COLLATE "C",
  model text COLLATE "C",
  model_fold text COLLATE "C",
  manufacturer text COLLATE "C",
  manufacturer_fold text COLLATE "C",
  serial_number text COLLATE "C",
  serial_number_fold text COLLATE "C",
  user_principal_name text COLLATE "C",
  user_principal_name_fold text COLLATE "C",
  user_display_name text COLLATE "C",
  user_display_name_fold text COLLATE "C",
  PRIMARY KEY (tenant, id)
);

-- The scripts of an older database get theirs.
INSERT INTO run_summary
  SELECT script.tenant, script.number, 0, script.id, 0, 0,
    (SELECT COUNT(*) FROM user_state WHERE user_state.tenant = script.tenant AND user_state.script = script.number
      AND success_device_count > 0 AND error_device_count = 0),
    (SELECT COUNT(*) FROM user_state WHERE user_state.tenant = script.tenant AND user_state.script = script.number
      AND error_device_count > 0)
  FROM script;
