-- oldest program: 3
-- An index for each order that the model lists as served by one, with what the rows are looked for by before it and the
-- position after it; and one for the device states of a user.

CREATE INDEX script_by_display_name ON script (tenant, family, display_name_fold, number);
CREATE INDEX script_by_file_name ON script (tenant, family, file_name_fold, number);
CREATE INDEX script_by_run_as_account ON script (tenant, family, run_as_account, number);

CREATE INDEX health_script_by_display_name ON health_script (tenant, display_name_fold, number);
CREATE INDEX health_script_by_run_as_account ON health_script (tenant, run_as_account, number);

CREATE INDEX user_state_by_user_principal_name ON user_state (tenant, script, user_principal_name_fold, id);
CREATE INDEX user_state_by_error_device_count ON user_state (tenant, script, error_device_count, id);

CREATE INDEX device_state_by_run_state ON device_state (tenant, script, run_state, id);
CREATE INDEX device_state_by_last_state_update_date_time ON device_state (tenant, script, last_state_update_date_time, id);
CREATE INDEX device_state_by_user_state ON device_state (tenant, script, user_state, id);

CREATE INDEX health_device_state_by_detection_state ON health_device_state (tenant, health_script, detection_state, id);
CREATE INDEX health_device_state_by_last_state_update_date_time ON health_device_state (tenant, health_script, last_state_update_date_time, id);

-- What the planner is to take for granted, of a script with many states: without it, and with nothing counted yet, it
-- would rather read all states of a script in the order of their ids than those of one user.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('user_state', 'user_state', '1000000 100000 10000 1'),
  ('user_state', 'user_state_by_user_principal_name', '1000000 100000 10000 2 1'),
  ('user_state', 'user_state_by_error_device_count', '1000000 100000 10000 3500 1'),
  ('device_state', 'device_state', '1000000 100000 10000 1'),
  ('device_state', 'device_state_by_run_state', '1000000 100000 10000 3500 1'),
  ('device_state', 'device_state_by_last_state_update_date_time', '1000000 100000 10000 2 1'),
  ('device_state', 'device_state_by_user_state', '1000000 100000 10000 2 1'),
  ('health_device_state', 'health_device_state', '1000000 100000 10000 1'),
  ('health_device_state', 'health_device_state_by_detection_state', '1000000 100000 10000 3500 1'),
  ('health_device_state', 'health_device_state_by_last_state_update_date_time', '1000000 100000 10000 2 1');
ANALYZE sqlite_schema;
