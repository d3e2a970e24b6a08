-- oldest program: 3
-- Health scripts, their assignments, the run states of devices and the summaries.

CREATE TABLE health_script (
  tenant integer NOT NULL REFERENCES tenant (number),
  number bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  publisher text COLLATE "C",
  publisher_fold text COLLATE "C",
  version text COLLATE "C",
  version_fold text COLLATE "C",
  display_name text COLLATE "C",
  display_name_fold text COLLATE "C",
  description text COLLATE "C",
  description_fold text COLLATE "C",
  created_date_time text COLLATE "C" NOT NULL,
  last_modified_date_time text COLLATE "C" NOT NULL,
  run_as_account smallint NOT NULL,
  enforce_signature_check boolean NOT NULL,
  run_as_32_bit boolean NOT NULL,
  role_scope_tag_ids text COLLATE "C",
  is_global_script boolean NOT NULL,
  highest_available_version text COLLATE "C",
  highest_available_version_fold text COLLATE "C",
  device_health_script_type smallint NOT NULL,
  detection_script_parameters text COLLATE "C",
  remediation_script_parameters text COLLATE "C",
  detection_script_content bytea,
  remediation_script_content bytea,
  PRIMARY KEY (tenant, number),
  UNIQUE (tenant, id)
);

CREATE TABLE health_assignment (
  tenant integer NOT NULL REFERENCES tenant (number),
  health_script bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  target_type text COLLATE "C",
  target_device_and_app_management_assignment_filter_id text COLLATE "C",
  target_device_and_app_management_assignment_filter_type smallint,
  target_group_id text COLLATE "C",
  target_collection_id text COLLATE "C",
  run_remediation_script boolean NOT NULL,
  run_schedule_type text COLLATE "C",
  run_schedule_interval integer,
  run_schedule_use_utc boolean,
  run_schedule_time text COLLATE "C",
  run_schedule_date text COLLATE "C",
  PRIMARY KEY (tenant, health_script, id)
);

CREATE TABLE health_device_state (
  tenant integer NOT NULL REFERENCES tenant (number),
  health_script bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  detection_state smallint NOT NULL,
  last_state_update_date_time text COLLATE "C" NOT NULL,
  expected_state_update_date_time text COLLATE "C",
  last_sync_date_time text COLLATE "C" NOT NULL,
  remediation_state smallint NOT NULL,
  assignment_filter_ids text COLLATE "C",
  managed_device text COLLATE "C",
  pre_remediation_detection_script_output text COLLATE "C",
  pre_remediation_detection_script_error text COLLATE "C",
  remediation_script_error text COLLATE "C",
  post_remediation_detection_script_output text COLLATE "C",
  post_remediation_detection_script_error text COLLATE "C",
  PRIMARY KEY (tenant, health_script, id)
);

-- In several slots, as the summaries of the other scripts; of the last run the latest is read.
CREATE TABLE health_run_summary (
  tenant integer NOT NULL REFERENCES tenant (number),
  health_script bigint NOT NULL,
  slot smallint NOT NULL,
  id text COLLATE "C" NOT NULL,
  no_issue_detected_device_count bigint NOT NULL,
  issue_detected_device_count bigint NOT NULL,
  detection_script_error_device_count bigint NOT NULL,
  detection_script_pending_device_count bigint NOT NULL,
  detection_script_not_applicable_device_count bigint NOT NULL,
  issue_remediated_device_count bigint NOT NULL,
  remediation_skipped_device_count bigint NOT NULL,
  issue_reoccurred_device_count bigint NOT NULL,
  remediation_script_error_device_count bigint NOT NULL,
  last_script_run_date_time text COLLATE "C",
  issue_remediated_cumulative_device_count bigint NOT NULL,
  PRIMARY KEY (tenant, health_script, slot)
);

-- A sum of counters may pass the largest integer before what reads it stops there.
ALTER TABLE run_summary
  ALTER COLUMN success_device_count TYPE bigint,
  ALTER COLUMN error_device_count TYPE bigint,
  ALTER COLUMN success_user_count TYPE bigint,
  ALTER COLUMN error_user_count TYPE bigint;
