-- oldest program: 2
-- Assignments, the run states of devices, the summaries of scripts, and the devices themselves.

-- Group assignments are the rows whose target is a group. A new one has no filter.
CREATE TABLE assignment (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  script INTEGER NOT NULL,
  id TEXT NOT NULL,
  target_type TEXT,
  target_device_and_app_management_assignment_filter_id TEXT,
  target_device_and_app_management_assignment_filter_type INTEGER DEFAULT 0,
  target_group_id TEXT,
  target_collection_id TEXT,
  PRIMARY KEY (tenant, script, id)
) STRICT, WITHOUT ROWID;

-- Linked to the device, and to the user's state by whose way it was created.
CREATE TABLE device_state (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  script INTEGER NOT NULL,
  id TEXT NOT NULL,
  run_state INTEGER NOT NULL,
  last_state_update_date_time TEXT NOT NULL,
  error_code INTEGER NOT NULL,
  error_description TEXT,
  error_description_fold TEXT,
  managed_device TEXT,
  user_state TEXT,
  result_message TEXT,
  PRIMARY KEY (tenant, script, id)
) STRICT, WITHOUT ROWID;

-- Counters that every write of a run state moves: in several slots, summed on reading.
CREATE TABLE run_summary (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  script INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  id TEXT NOT NULL,
  success_device_count INTEGER NOT NULL,
  error_device_count INTEGER NOT NULL,
  success_user_count INTEGER NOT NULL,
  error_user_count INTEGER NOT NULL,
  PRIMARY KEY (tenant, script, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE managed_device (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  id TEXT NOT NULL,
  user_id TEXT,
  user_id_fold TEXT,
  device_name TEXT,
  device_name_fold TEXT,
  enrolled_date_time TEXT NOT NULL,
  last_sync_date_time TEXT NOT NULL,
  operating_system TEXT,
  operating_system_fold TEXT,
  os_version TEXT,
  os_version_fold TEXT,
  email_address TEXT,
  email_address_fold TEXT,
  azure_ad_device_id TEXT,
  azure_ad_device_id_fold TEXT,
  model TEXT,
  model_fold TEXT,
  manufacturer TEXT,
  manufacturer_fold TEXT,
  serial_number TEXT,
  serial_number_fold TEXT,
  user_principal_name TEXT,
  user_principal_name_fold TEXT,
  user_display_name TEXT,
  user_display_name_fold TEXT,
  PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- The scripts of an older database get theirs.
INSERT INTO run_summary
  SELECT script.tenant, script.number, 0, script.id, 0, 0,
    (SELECT COUNT(*) FROM user_state WHERE user_state.tenant = script.tenant AND user_state.script = script.number
      AND success_device_count > 0 AND error_device_count = 0),
    (SELECT COUNT(*) FROM user_state WHERE user_state.tenant = script.tenant AND user_state.script = script.number
      AND error_device_count > 0)
  FROM script;
