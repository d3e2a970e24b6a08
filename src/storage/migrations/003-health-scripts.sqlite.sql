-- oldest program: 3
-- Health scripts, their assignments, the run states of devices and the summaries.

CREATE TABLE health_script (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  publisher TEXT,
  publisher_fold TEXT,
  version TEXT,
  version_fold TEXT,
  display_name TEXT,
  display_name_fold TEXT,
  description TEXT,
  description_fold TEXT,
  created_date_time TEXT NOT NULL,
  last_modified_date_time TEXT NOT NULL,
  run_as_account INTEGER NOT NULL,
  enforce_signature_check INTEGER NOT NULL,
  run_as_32_bit INTEGER NOT NULL,
  role_scope_tag_ids TEXT,
  is_global_script INTEGER NOT NULL,
  highest_available_version TEXT,
  highest_available_version_fold TEXT,
  device_health_script_type INTEGER NOT NULL,
  detection_script_parameters TEXT,
  remediation_script_parameters TEXT,
  detection_script_content BLOB,
  remediation_script_content BLOB,
  PRIMARY KEY (tenant, number),
  UNIQUE (tenant, id)
) STRICT;

CREATE TABLE health_assignment (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  health_script INTEGER NOT NULL,
  id TEXT NOT NULL,
  target_type TEXT,
  target_device_and_app_management_assignment_filter_id TEXT,
  target_device_and_app_management_assignment_filter_type INTEGER,
  target_group_id TEXT,
  target_collection_id TEXT,
  run_remediation_script INTEGER NOT NULL,
  run_schedule_type TEXT,
  run_schedule_interval INTEGER,
  run_schedule_use_utc INTEGER,
  run_schedule_time TEXT,
  run_schedule_date TEXT,
  PRIMARY KEY (tenant, health_script, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE health_device_state (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  health_script INTEGER NOT NULL,
  id TEXT NOT NULL,
  detection_state INTEGER NOT NULL,
  last_state_update_date_time TEXT NOT NULL,
  expected_state_update_date_time TEXT,
  last_sync_date_time TEXT NOT NULL,
  remediation_state INTEGER NOT NULL,
  assignment_filter_ids TEXT,
  managed_device TEXT,
  pre_remediation_detection_script_output TEXT,
  pre_remediation_detection_script_error TEXT,
  remediation_script_error TEXT,
  post_remediation_detection_script_output TEXT,
  post_remediation_detection_script_error TEXT,
  PRIMARY KEY (tenant, health_script, id)
) STRICT, WITHOUT ROWID;

-- In several slots, as the summaries of the other scripts; of the last run the latest is read.
CREATE TABLE health_run_summary (
  tenant INTEGER NOT NULL REFERENCES tenant (number),
  health_script INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  id TEXT NOT NULL,
  no_issue_detected_device_count INTEGER NOT NULL,
  issue_detected_device_count INTEGER NOT NULL,
  detection_script_error_device_count INTEGER NOT NULL,
  detection_script_pending_device_count INTEGER NOT NULL,
  detection_script_not_applicable_device_count INTEGER NOT NULL,
  issue_remediated_device_count INTEGER NOT NULL,
  remediation_skipped_device_count INTEGER NOT NULL,
  issue_reoccurred_device_count INTEGER NOT NULL,
  remediation_script_error_device_count INTEGER NOT NULL,
  last_script_run_date_time TEXT,
  issue_remediated_cumulative_device_count INTEGER NOT NULL,
  PRIMARY KEY (tenant, health_script, slot)
) STRICT, WITHOUT ROWID;
